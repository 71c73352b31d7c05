import { plainTable, type SubjectTable, unitingTable } from '@unefois/subjects/tables'
import { contestAnswerContext, contestContext } from './contests.js'
import { declarationContext } from './declarations.js'
import { evidenceFiles } from './evidence-files.js'
import { KeyMoves } from './moved-keys.js'
import { movedOppositions } from './moved-oppositions.js'
import { pendingContext } from './pending-requests.js'
import { movedPreviewAnswers } from './preview-answers.js'
import { receivedContext } from './received-evidence.js'
import { statementContext } from './statements-on-honour.js'
import type { SubjectKeys } from './subject-keys.js'

/**
 * Every table of documents that keeps people, in the order in which requests lock rows. Each has a trigger of chassis 0002, and
 * its reads ask for `(SELECT standing_subject($1))`; a test finds a table that is missing here.
 */
export const subjectTables = (subjectKeys: SubjectKeys): readonly SubjectTable[] => {
  const keys = new KeyMoves(subjectKeys)
  return [
    keys.first,
    plainTable('consent'),
    unitingTable('predicate_use', { key: ['requester', 'predicate', 'day'], others: { uses: 'sum' } }),
    movedPreviewAnswers,
    evidenceFiles(keys.of),
    plainTable('exchange_record'),
    keys.sealed({ name: 'received_evidence', id: 'exchange_id', columns: { content: receivedContext } }),
    keys.sealed({ name: 'pending_request', id: 'exchange_id', columns: { content: pendingContext } }),
    keys.sealed({ name: 'statement_on_honour', id: 'statement_id', columns: { content: statementContext } }),
    keys.sealed({
      name: 'contest',
      id: 'contest_id',
      columns: { content: contestContext, answer: contestAnswerContext },
    }),
    plainTable('correction_report'),
    plainTable('received_correction'),
    keys.sealed({ name: 'declaration', id: 'declaration_id', columns: { content: declarationContext } }),
    plainTable('subscription'),
    plainTable('subscriber'),
    unitingTable('protected_subject', { key: ['mark'], others: { until_ms: 'max' } }),
    unitingTable('place_told', { key: ['requester', 'exchange_id'], others: { about: 'max', keep_until_ms: 'max' } }),
    plainTable('proactive_collection'),
    movedOppositions,
  ]
}
