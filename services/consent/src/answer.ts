import { randomBytes, randomUUID } from 'node:crypto'
import { nowSeconds } from '@unefois/chassis/clock'
import type { Deadline } from '@unefois/chassis/deadline'
import { basisIdFrom } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { announce } from './announce.js'
import { recordOf } from './consent-record.js'
import { consentTerms } from './consent-terms.js'
import type { ConsentAuthorityContext } from './context.js'
import { answerRefusal } from './domain/consent-state.js'
import { basesOf, type Copy, copiesOf } from './domain/copies.js'
import { isSameDisclosure } from './domain/disclosures.js'
import type { Person } from './rpc/callers.js'
import { type ConsentRequest, closeRequest, lockRequest, readRequest } from './store/consent-requests.js'
import { type Consent, type ConsentCopy, insertConsent } from './store/consents.js'

export type AnswerNeeds = Pick<
  ConsentAuthorityContext,
  'member' | 'clock' | 'postgres' | 'federation' | 'outbox' | 'statementKey' | 'identity' | 'subjects'
>

const secondsPerDay = 86_400

/** The request as the person who is asked may see it; to anybody else there is none. Error: CONSENT_REQUEST_UNKNOWN. */
export const requestOf = async (
  { postgres, subjects }: Pick<AnswerNeeds, 'postgres' | 'subjects'>,
  requestId: string,
  person: Person,
): Promise<ConsentRequest> => {
  const request = await readRequest(postgres, requestId)
  if (!request || !(await subjects.areSame(request.subject, person.subject)))
    throw new MeshError('CONSENT_REQUEST_UNKNOWN')
  return request
}

/** Errors: CONSENT_REQUEST_CLOSED when answered, expired, or when what was shown has changed; PURPOSE_NOT_AUTHORISED. */
export const requireOpen = (
  { clock, federation }: Pick<AnswerNeeds, 'clock' | 'federation'>,
  request: ConsentRequest,
): void => {
  const refusal = answerRefusal(request, clock.nowMs())
  if (refusal) throw new MeshError(refusal)
  const list = federation.current
  const current = consentTerms(list, request, nowSeconds(clock))
  const isAsShown =
    isSameDisclosure(request.disclosures, current) && list.purpose(request.purpose).textVersion === request.textVersion
  if (!isAsShown) throw new MeshError('CONSENT_REQUEST_CLOSED')
}

/** Each copy with the person sealed for its party, so that this authority learns no pseudonym but its own. */
const sealCopies = (
  { identity }: AnswerNeeds,
  copies: readonly Copy[],
  subject: string,
  deadline: Deadline,
): Promise<ConsentCopy[]> =>
  Promise.all(
    copies.map(async (copy) => {
      const { party, basisId } = copy
      const { sealedSubject } = await identity.requestSealedSubject({ subject, party, basisId }, { deadline })
      return { ...copy, sealedSubject }
    }),
  )

/**
 * Records a person's answer and tells the parties, in one transaction; of two answers that arrive together the first counts.
 * Undefined when the request was answered meanwhile. A refusal has no language, because nothing was agreed to.
 */
export const recordAnswer = async (
  needs: AnswerNeeds,
  { request, person, language }: { request: ConsentRequest; person: Person; language?: 'fr' | 'en' },
  deadline: Deadline,
): Promise<Consent | undefined> => {
  const state = language === undefined ? 'refused' : 'given'
  const bases = basesOf(request.disclosures, () => basisIdFrom(randomBytes(16)))
  const copies = await sealCopies(needs, copiesOf(request.requester, bases, state), person.subject, deadline)
  const recorded = await needs.postgres.transaction(async (tx) => {
    const locked = await lockRequest(tx, request.requestId)
    if (!locked || answerRefusal(locked, needs.clock.nowMs())) return undefined
    const validFromSeconds = nowSeconds(needs.clock)
    const facts = {
      consentId: randomUUID(),
      requestId: request.requestId,
      subject: person.subject,
      requester: request.requester,
      purpose: request.purpose,
      disclosures: request.disclosures,
      acr: person.acr,
      authTimeSeconds: person.authTimeSeconds,
      validFromSeconds,
      validUntilSeconds: state === 'given' ? validFromSeconds + request.durationDays * secondsPerDay : validFromSeconds,
    }
    const record = recordOf(needs, facts, request.textVersion, language)
    await closeRequest(tx, request.requestId, state)
    const { atMs } = await announce(tx, needs, facts, copies, state)
    const consent: Consent = { ...facts, state, record }
    await insertConsent(tx, consent, copies, [
      { state: 'requested', atMs: request.requestedAtMs, actor: request.requester },
      { state, atMs, actor: 'person' },
    ])
    return consent
  })
  if (recorded) needs.outbox.wake()
  return recorded
}
