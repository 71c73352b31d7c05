import { nowSeconds } from '@unefois/chassis/clock'
import type { Queryable } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import { counter } from '@unefois/chassis/telemetry'
import { ConsentState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { AskedField, Asking } from '@unefois/proto/gen/unefois/documents/v1/re_asks'
import { gives } from '@unefois/proto/mask'
import { MeshError } from '@unefois/proto/reasons'
import type { DocumentsContext } from './context.js'
import { type Attempt, type Decided, type Holder, type Need, needToAsk, triedForMs, triedOf } from './domain/re-ask.js'
import type { AskedFields } from './store/asked-fields.js'
import { newestDeclared } from './store/declared-versions.js'
import { dayOf } from './store/predicate-uses.js'

/** What is needed to tell whether a field must be asked of a person. */
export interface NeedNeeds extends Pick<DocumentsContext, 'runtime' | 'accesses' | 'subjects'> {
  readonly consent: Pick<DocumentsContext['consent'], 'getConsentOutcome'>
}
/** The same, and where it is counted. */
export interface CountingNeeds extends NeedNeeds {
  readonly askedFields: AskedFields
}

/** One field, whether the person must be asked for it, and who holds it where not. */
export interface FieldNeed {
  readonly field: AskedField
  readonly need: Need
  readonly holders: readonly string[]
}

const reAsks = counter('unefois_re_asks', 'Fields asked of a person although a member in reach holds them lawfully')

/** A page of accesses; more than some pages within 30 days is nobody's life. */
const pageSize = 100
const mostPages = 5

/** What this member asked other members about a person within the time that excuses anything, the newest first. */
const attemptsAbout = async (
  { accesses, runtime }: NeedNeeds,
  db: Queryable,
  subject: string,
): Promise<readonly Attempt[]> => {
  const since = runtime.clock.nowMs() - triedForMs
  const attempts: Attempt[] = []
  let before: number | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const found = await accesses.list(subject, before, pageSize, db)
    for (const { opening, receipt } of found)
      if (opening.record.kind === 'request') attempts.push(receipt?.record ?? opening.record)
    const oldest = found.at(-1)?.opening
    if (found.length < pageSize || !oldest || oldest.record.at_ms < since) break
    before = oldest.sequence
  }
  return attempts
}

/** Whether the request named is one of this person and purpose to which they said no. Error: CONSENT_REQUEST_UNKNOWN. */
const hasRefusedConsent = async (
  { consent, subjects }: NeedNeeds,
  db: Queryable,
  asking: Asking,
  { deadline }: Call,
): Promise<boolean> => {
  const requestId = asking.refusedConsentRequestId
  if (requestId === '') return false
  const { state, subject, purpose } = await consent.getConsentOutcome({ requestId }, { deadline })
  if (purpose !== asking.purpose || !(await subjects.areSame(subject, asking.subject, db)))
    throw new MeshError('CONSENT_REQUEST_UNKNOWN')
  return state === ConsentState.CONSENT_STATE_REFUSED || state === ConsentState.CONSENT_STATE_WITHDRAWN
}

/**
 * For each field whether the person must be asked. A member's own file counts where evidence was declared into it; what lies in
 * the agency's own register its systems see for themselves. Errors: CALLER_NOT_ALLOWED for a person who names another,
 * PURPOSE_NOT_AUTHORISED, EVIDENCE_TYPE_UNKNOWN, REQUEST_INVALID for a malformed path, CONSENT_REQUEST_UNKNOWN.
 */
export const needsOf = async (
  needs: NeedNeeds,
  db: Queryable,
  asking: Asking,
  call: Call,
): Promise<readonly FieldNeed[]> => {
  const { runtime } = needs
  const { caller } = call
  if (caller.kind === 'person' && caller.subject !== asking.subject) throw new MeshError('CALLER_NOT_ALLOWED')
  const federation = runtime.federation.current
  federation.purpose(asking.purpose)
  const own = new Set<string>()
  for (const evidenceType of new Set(asking.fields.map((field) => field.evidenceType))) {
    federation.evidenceType(evidenceType)
    if ((await newestDeclared(db, { subject: asking.subject, evidenceType })) > 0) own.add(evidenceType)
  }
  const decided: Decided = {
    hasRefusedConsent: await hasRefusedConsent(needs, db, asking, call),
    isOwnWish: asking.isOwnWish,
  }
  const authorised = federation
    .authorisationsInForce(nowSeconds(runtime.clock))
    .filter(({ requester, purpose }) => requester === runtime.member && purpose === asking.purpose)
  const attempts = await attemptsAbout(needs, db, asking.subject)
  const nowMs = runtime.clock.nowMs()
  return asking.fields.map((field) => {
    const others = authorised.filter((one) => one.evidenceType === field.evidenceType && gives(one, field.field))
    const holders: Holder[] = [
      ...(own.has(field.evidenceType) ? [{ member: runtime.member, mode: 'own file', tried: 'never' } as const] : []),
      ...others.map((one) => ({ member: one.provider, mode: one.mode, tried: triedOf(one, attempts, nowMs) })),
    ]
    return { field, ...needToAsk(holders, decided) }
  })
}

/** Counts what was asked, in the transaction of the asking; of whom is not kept. */
export const countAsked = async (
  { askedFields, runtime }: CountingNeeds,
  tx: Queryable,
  { purpose, procedure }: Pick<Asking, 'purpose' | 'procedure'>,
  asked: readonly FieldNeed[],
): Promise<void> => {
  await askedFields.add(
    tx,
    dayOf(runtime.clock.nowMs()),
    asked.map(({ field, need }) => ({
      purpose,
      procedure,
      ...field,
      asked: 1,
      needlessly: need === 'none' ? 1 : 0,
      byOwnWish: need === 'own-wish' ? 1 : 0,
    })),
  )
  const needlessly = asked.filter(({ need }) => need === 'none').length
  if (needlessly > 0) reAsks().add(needlessly, { purpose, procedure })
}
