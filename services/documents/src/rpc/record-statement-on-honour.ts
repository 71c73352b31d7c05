import { randomUUID } from 'node:crypto'
import { nowSeconds } from '@unefois/chassis/clock'
import type { Transaction } from '@unefois/chassis/postgres'
import type { Call, EffectRpc } from '@unefois/chassis/rpc'
import type {
  RecordStatementOnHonourRequest,
  RecordStatementOnHonourResponse,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import type { ExchangeRecord } from '../domain/exchange-record.js'
import { honourRefusal, isStatable } from '../domain/honour.js'
import { keepUntilMs } from '../domain/release.js'
import { type CountingNeeds, countAsked, needsOf } from '../re-asks.js'
import { subject } from './fields.js'

type Needs = Pick<DocumentsContext, 'statementsOnHonour' | 'subjects'> & CountingNeeds

/** The exchange of this person that brought nothing, and its latest record. Errors: CALLER_NOT_ALLOWED, EXCHANGE_UNKNOWN. */
const exchangeOf = async (
  { accesses, subjects }: Needs,
  request: RecordStatementOnHonourRequest,
  { caller }: Call,
  tx: Transaction,
): Promise<{ readonly asked: ExchangeRecord; readonly last: ExchangeRecord }> => {
  if (caller.kind === 'person' && caller.subject !== request.subject) throw new MeshError('CALLER_NOT_ALLOWED')
  const found = await accesses.exchange(request.exchangeId, tx)
  if (!found || !(await subjects.areSame(found.opening.subject, request.subject, tx)))
    throw new MeshError('EXCHANGE_UNKNOWN')
  const asked = found.opening.record
  return { asked, last: found.receipt?.record ?? asked }
}

/** What is stated was asked of the person: where another provider in reach was not, that is a re-ask. */
const countStated = async (
  needs: Needs,
  tx: Transaction,
  { subject, values }: RecordStatementOnHonourRequest,
  { evidence_type: evidenceType, purpose, procedure }: ExchangeRecord,
  call: Call,
): Promise<void> => {
  const fields = [...new Set(values.map(({ field }) => field))].map((field) => ({ evidenceType, field }))
  const asking = { subject, purpose, procedure, fields, refusedConsentRequestId: '', isOwnWish: false }
  await countAsked(needs, tx, asking, await needsOf(needs, tx, asking, call))
}

/**
 * Keeps a statement on honour. Errors: CALLER_NOT_ALLOWED for a person who names another, EXCHANGE_UNKNOWN, EVIDENCE_OBTAINED,
 * PURPOSE_NOT_AUTHORISED, FIELD_NOT_AUTHORISED, REQUEST_INVALID where the type is not one to be stated.
 */
export const recordStatementOnHonour = (
  needs: Needs,
): EffectRpc<RecordStatementOnHonourRequest, RecordStatementOnHonourResponse> => ({
  request: z.object({
    subject,
    exchangeId: z.uuid(),
    values: z
      .array(z.object({ field: z.string().min(1).max(200), value: z.string().min(1).max(1000) }))
      .min(1)
      .max(50),
    text: z.string().min(40).max(4000),
    textVersion: z.string().min(1).max(64),
    language: z.enum(['fr', 'en']),
    channel: z.number().int().min(1).max(4),
  }),
  effect: async (request, call, tx) => {
    const { runtime, statementsOnHonour } = needs
    const { asked, last } = await exchangeOf(needs, request, call, tx)
    const federation = runtime.federation.current
    const { counterparty: provider, evidence_type: evidenceType, purpose } = asked
    if (!isStatable(federation.evidenceType(evidenceType)))
      throw new MeshError('REQUEST_INVALID', {
        detail: 'This evidence type is not stated on honour.',
        facts: { field: 'exchangeId' },
      })
    const authorisation = federation.authorisation(
      { requester: runtime.member, provider, evidenceType, purpose },
      nowSeconds(runtime.clock),
    )
    const refusal = honourRefusal(
      authorisation,
      last,
      request.values.map(({ field }) => field),
    )
    if (refusal) throw new MeshError(refusal)
    await countStated(needs, tx, request, asked, call)
    const statedAtMs = Math.floor(runtime.clock.nowMs())
    const kept = { statementId: randomUUID(), statedAtMs, keepUntilMs: keepUntilMs(authorisation, statedAtMs) }
    await statementsOnHonour.insert(tx, { ...request, ...kept, evidenceType, purpose })
    return kept
  },
})
