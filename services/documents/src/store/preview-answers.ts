import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { moveValues, type SubjectTable } from '@unefois/subjects/tables'
import type { PreviewAnswer, PreviewedUse } from '../domain/preview.js'

interface Row {
  readonly answer: PreviewAnswer['answer']
  readonly evidence_version: number
  readonly authorisation: string
  readonly valid_until_ms: number
}

const keyOf = ({ subject, requester, purpose, evidenceType, basisId }: PreviewedUse): string[] => [
  subject,
  requester,
  purpose,
  evidenceType,
  basisId,
]

/** What the person answered last; until the transaction ends, nobody changes it. */
export const lockPreviewAnswer = async (tx: Transaction, use: PreviewedUse): Promise<PreviewAnswer | undefined> => {
  const { rows } = await tx.query<Row>(
    `SELECT answer, evidence_version, authorisation, valid_until_ms FROM preview_answer
     WHERE subject = (SELECT standing_subject($1)) AND requester = $2 AND purpose = $3 AND evidence_type = $4 AND basis_id = $5
     FOR NO KEY UPDATE`,
    keyOf(use),
  )
  const row = rows[0]
  return (
    row && {
      answer: row.answer,
      evidenceVersion: row.evidence_version,
      authorisation: row.authorisation,
      validUntilMs: row.valid_until_ms,
    }
  )
}

/** Keeps an answer in the place of the one before. */
export const putPreviewAnswer = async (tx: Transaction, use: PreviewedUse, given: PreviewAnswer): Promise<void> => {
  await tx.query(
    `INSERT INTO preview_answer
       (subject, requester, purpose, evidence_type, basis_id, answer, evidence_version, authorisation, valid_until_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (subject, requester, purpose, evidence_type, basis_id) DO UPDATE SET
       answer = EXCLUDED.answer,
       evidence_version = EXCLUDED.evidence_version,
       authorisation = EXCLUDED.authorisation,
       valid_until_ms = EXCLUDED.valid_until_ms`,
    [...keyOf(use), given.answer, given.evidenceVersion, given.authorisation, given.validUntilMs],
  )
}

/** Deletes the answers that count no more; answers how many. */
export const deleteEndedAnswers = async (db: Queryable, nowMs: number): Promise<number> =>
  (await db.query('DELETE FROM preview_answer WHERE valid_until_ms <= $1', [Math.floor(nowMs)])).rowCount ?? 0

const answered = 'requester, purpose, evidence_type, basis_id'

/** An answer that was given twice, in the name of two who are one, counts no more: the person is asked again. */
export const movedPreviewAnswers: SubjectTable = {
  name: 'preview_answer',
  move: async (tx, moves) => {
    await tx.query(
      `WITH move AS (
         SELECT * FROM unnest($1::text[], $2::text[]) AS move (alias, subject)
         UNION SELECT subject, subject FROM unnest($1::text[], $2::text[]) AS move (alias, subject)),
       doubled AS (
         SELECT move.subject, ${answered} FROM preview_answer AS kept JOIN move ON move.alias = kept.subject
         GROUP BY move.subject, ${answered} HAVING count(*) > 1)
       DELETE FROM preview_answer AS kept USING move, doubled
       WHERE kept.subject = move.alias AND doubled.subject = move.subject
         AND (kept.requester, kept.purpose, kept.evidence_type, kept.basis_id)
           = (doubled.requester, doubled.purpose, doubled.evidence_type, doubled.basis_id)`,
      moveValues(moves),
    )
    await tx.query(
      `UPDATE preview_answer AS kept SET subject = move.subject
       FROM unnest($1::text[], $2::text[]) AS move (alias, subject) WHERE kept.subject = move.alias`,
      moveValues(moves),
    )
  },
}
