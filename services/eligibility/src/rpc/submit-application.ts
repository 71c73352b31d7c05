import { randomUUID } from 'node:crypto'
import { parisDay } from '@unefois/chassis/clock'
import type { Transaction } from '@unefois/chassis/postgres'
import type { Call, EffectRpc } from '@unefois/chassis/rpc'
import {
  type Application,
  ApplicationState,
  Channel,
  type Correction,
  type Hand,
  type SubmitApplicationRequest,
  type SubmitApplicationResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'

import { byService } from '@unefois/proto/hand'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { applicationView, dayAt, handBehind, invalid } from '../application-changes.js'
import { applicationEvent } from '../application-events.js'
import type { ApplicationNeeds } from '../application-needs.js'
import { signReceipt } from '../application-statements.js'
import { deposited, mostApplicationsPerDay } from '../domain/application.js'
import { clockOf, datesOf } from '../domain/application-clock.js'
import { missingInWords, receiptOf } from '../domain/application-receipt.js'
import { entriesFault, missingFields } from '../domain/pieces.js'
import type { ProcedureData } from '../domain/procedure.js'
import { dayAfterTerm } from '../domain/term.js'
import { ruleReading, statedFacts } from '../stated-facts.js'
import type { CameBy } from '../store/applications.js'
import { by, entries, facts } from './application-fields.js'
import { subject } from './evidence-fields.js'
import { name, orEmpty } from './fields.js'

const longestAgoMs = 366 * 86_400_000

/** When it came. Errors: CALLER_NOT_ALLOWED, APPLICATION_INVALID naming the field. */
const depositMs = ({ subject, channel, depositedAtMs }: SubmitApplicationRequest, { caller }: Call, nowMs: number) => {
  if (caller.kind === 'person') {
    if (caller.subject !== subject) throw new MeshError('CALLER_NOT_ALLOWED')
    if (channel !== Channel.CHANNEL_ONLINE)
      throw invalid({ field: 'channel', what: 'is online for a person themselves' })
    if (depositedAtMs !== 0)
      throw invalid({ field: 'depositedAtMs', what: 'is 0 for a person themselves: it comes now' })
  }
  const isGood = depositedAtMs === 0 || (depositedAtMs <= nowMs && depositedAtMs >= nowMs - longestAgoMs)
  if (!isGood) throw invalid({ field: 'depositedAtMs', what: 'is not ahead, and at most 366 days ago' })
  return depositedAtMs || nowMs
}

interface Taken {
  readonly sha256: string
  readonly procedure: ProcedureData
  readonly completion: NonNullable<ProcedureData['application']>['completion']
}

/**
 * The procedure as it stood at the deposit; where it took no applications then, as it stands now. Errors: PROCEDURE_UNKNOWN,
 * APPLICATION_NOT_TAKEN.
 */
const takenBy = async (
  { procedures, procedureBook }: ApplicationNeeds,
  tx: Transaction,
  id: string,
  atMs: number,
): Promise<Taken> => {
  const now = await procedures.get(id, tx)
  if (!now) throw new MeshError('PROCEDURE_UNKNOWN')
  const then = await procedures.at(id, atMs, tx)
  for (const published of then ? [then, now] : [now]) {
    const procedure = procedureBook.open(published)
    const { application } = procedure
    if (application && procedure.kind !== 'orientation')
      return { sha256: published.sha256, procedure, completion: application.completion }
  }
  throw new MeshError('APPLICATION_NOT_TAKEN')
}

/** What the person must give and did not, asked at once by the service itself; undefined where nothing is missing. */
const firstCorrection = (
  { procedure, completion }: Taken,
  { entries: given, language }: SubmitApplicationRequest,
  nowMs: number,
): Correction | undefined => {
  const missing = missingFields(procedure.fields, given)
  if (missing.length === 0) return undefined
  return {
    correctionId: randomUUID(),
    isIncomplete: true,
    fields: missing,
    what: missingInWords(procedure, missing, language === 'en' ? 'en' : 'fr'),
    askedAtMs: nowMs,
    untilDay: dayAfterTerm(dayAt(nowMs), completion),
    resolvedAtMs: 0,
    by: byService,
  }
}

const cameBy = ({ who }: Hand): CameBy => (who?.$case === 'agent' || who?.$case === 'helper' ? who.$case : 'person')

/**
 * Errors: CALLER_NOT_ALLOWED for a person who names another, PROCEDURE_UNKNOWN, APPLICATION_NOT_TAKEN, APPLICATION_INVALID and
 * FACT_INVALID naming the field, DECISION_UNKNOWN, APPLICATION_LIMIT_REACHED. What is missing is no error.
 */
export const submitApplication = (
  needs: ApplicationNeeds,
): EffectRpc<SubmitApplicationRequest, SubmitApplicationResponse> => ({
  request: z.object({
    subject,
    procedure: name,
    channel: z.number().int().min(Channel.CHANNEL_ONLINE).max(Channel.CHANNEL_HOME_VISIT),
    depositedAtMs: z.number().int().min(0),
    entries,
    facts,
    language: z.enum(['fr', 'en']),
    appealedDecisionId: orEmpty(z.uuid()),
    by,
  }),
  effect: async (request, call, tx) => {
    const { runtime, applications } = needs
    const nowMs = Math.floor(runtime.clock.nowMs())
    const depositedAtMs = depositMs(request, call, nowMs)
    const hand = handBehind(call, request.by, ['agent', 'helper'])
    const taken = await takenBy(needs, tx, request.procedure, depositedAtMs)
    const { procedure, sha256 } = taken
    const fault = entriesFault(procedure.fields, request.entries, new Set())
    if (fault) throw invalid(fault)
    const stated = statedFacts(await ruleReading(needs, procedure, dayAt(depositedAtMs), tx), request.facts)
    const standing = await applications.lockSubject(tx, request.subject)
    const isCounted = cameBy(hand) !== 'agent'
    if (isCounted && (await applications.countWithinDay(tx, standing, nowMs)) >= mostApplicationsPerDay)
      throw new MeshError('APPLICATION_LIMIT_REACHED')
    const decisionId = request.appealedDecisionId.toLowerCase()
    if (decisionId && !(await needs.isAppealable(tx, { decisionId, subject: standing, procedure: procedure.id })))
      throw new MeshError('DECISION_UNKNOWN')

    const given: Application = {
      applicationId: randomUUID(),
      subject: standing,
      procedure: procedure.id,
      procedureSha256: sha256,
      channel: request.channel,
      depositedAtMs,
      language: request.language,
      state: ApplicationState.APPLICATION_STATE_UNSPECIFIED,
      revision: 0,
      appealedDecisionId: decisionId,
      entries: request.entries,
      facts: stated,
      used: [],
      notObtained: [],
      corrections: [],
      messages: [],
      decisionId: '',
      depositedBy: hand,
      position: 0,
      takesMessages: false,
    }
    const whole = deposited(given, firstCorrection(taken, request, nowMs))
    const today = parisDay(runtime.clock)
    const clock = clockOf(whole.application, procedure, today, dayAt)
    const receipt = signReceipt(needs, whole.application, receiptOf(whole.application, procedure, clock))
    const acknowledged = { ...whole, application: { ...whole.application, receipt } }
    const dates = datesOf(acknowledged, procedure, today, dayAt)
    const kept = await applications.insert(tx, acknowledged, dates, { keptAtMs: nowMs, cameBy: cameBy(hand) })
    await runtime.outbox.add(tx, [applicationEvent('received', given.applicationId, nowMs)])
    return { application: applicationView(needs, kept, procedure, call) }
  },
})
