import { nowSeconds } from '@unefois/chassis/clock'
import type { Call } from '@unefois/chassis/rpc'
import type { Authorisation } from '@unefois/proto/federation-list'
import type { EvidenceHad } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { RequestEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { GivenBasis, NotObtained } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { gives } from '@unefois/proto/mask'
import { MeshError, type Reason, reasons, toMeshError } from '@unefois/proto/reasons'
import type { AppointmentsContext } from '../context.js'
import { fieldsToAsk, fieldsTold, type Had, hadOf, type Offer, type PreparedNeed } from '../domain/preparation.js'

type Needs = Pick<AppointmentsContext, 'runtime' | 'documents'>
type Why = NonNullable<NotObtained['why']>

/** About whom others are asked, for what, and on which bases. */
export interface AskedAbout {
  readonly subject: string
  readonly procedure: string
  readonly bases: readonly GivenBasis[]
}

/** What others told, and what they did not. */
export interface Gathered {
  readonly had: Had
  readonly notObtained: readonly NotObtained[]
}

/** Refusals of the caller, which no other member could cure. */
const concernsCaller = (reason: Reason): boolean =>
  reasons[reason].grpc === 'UNAUTHENTICATED' || reason === 'CALLER_NOT_ALLOWED' || reason === 'RATE_LIMITED'

/** Whether a question is about a second person, whom nobody named here. */
const isOfSecondPerson = ({ predicates }: Authorisation, field: string): boolean =>
  predicates.some(({ id, kind }) => id === field && kind === 'related-subject')

const offersOf = ({ runtime }: Needs, bases: readonly GivenBasis[]): Offer[] => {
  const authorised = runtime.federation.current
    .authorisationsInForce(nowSeconds(runtime.clock))
    .filter(({ requester }) => requester === runtime.member)
  return bases.flatMap(({ provider, purpose, basisId }) =>
    authorised
      .filter((one) => one.provider === provider && one.purpose === purpose)
      .map((one) => ({
        provider,
        purpose,
        basisId,
        evidenceType: one.evidenceType,
        fields: one.mode === 'proactive' ? [] : one.fields,
        gives: (field: string) => gives(one, field) && !isOfSecondPerson(one, field),
      })),
  )
}

const ask = (
  { runtime, documents }: Needs,
  { provider, evidenceType, purpose, basisId }: Offer,
  asked: readonly string[],
  { subject, procedure }: AskedAbout,
  { deadline, accessToken }: Call,
): Promise<RequestEvidenceResponse> => {
  const { predicateTitles } = runtime.federation.current.evidenceType(evidenceType)
  const isPredicate = (field: string) => Object.hasOwn(predicateTitles, field)
  return documents.requestEvidence(
    {
      subject,
      provider,
      evidenceType,
      purpose,
      procedure,
      basisId,
      fields: asked.filter((field) => !isPredicate(field)),
      predicates: asked.filter(isPredicate).map((predicate) => ({ predicate, argumentSubject: '' })),
    },
    { deadline, ...(accessToken !== undefined && { accessToken }) },
  )
}

interface Answered {
  readonly exchangeId: string
  readonly told: readonly string[]
  /** Why something of what was asked is not told. */
  readonly why: Why | undefined
}

/** Asks one member. Errors: those of the caller's own token; whatever else is refused is why nothing was told. */
const answerTo = async (
  needs: Needs,
  offer: Offer,
  asked: readonly string[],
  about: AskedAbout,
  call: Call,
): Promise<Answered> => {
  try {
    const { exchangeId, outcome } = await ask(needs, offer, asked, about, call)
    if (!outcome) throw new MeshError('INTERNAL', { cause: 'an exchange without an outcome' })
    if (outcome.$case !== 'evidence') return { exchangeId, told: [], why: outcome }
    const { valueJson } = outcome.value
    const told = fieldsTold(outcome.value, valueJson === '' ? undefined : JSON.parse(valueJson), asked)
    const isWhole = told.length === asked.length
    return { exchangeId, told, why: isWhole ? undefined : { $case: 'isUnfit', value: true } }
  } catch (thrown) {
    const { reason } = toMeshError(thrown)
    if (concernsCaller(reason)) throw thrown
    return { exchangeId: '', told: [], why: { $case: 'refused', value: reason } }
  }
}

/**
 * Asks for what a meeting needs and nobody has told yet, one member after the other and nothing twice. What a member does not tell
 * is named, and ends nothing. Errors: those of the caller's own token.
 */
export const gather = async (
  needs: Needs,
  wanted: readonly PreparedNeed[],
  before: Had,
  about: AskedAbout,
  call: Call,
): Promise<Gathered> => {
  const had: EvidenceHad[] = [...before]
  const notObtained: NotObtained[] = []
  for (const offer of offersOf(needs, about.bases)) {
    const asked = fieldsToAsk(wanted, offer, had)
    if (asked.length === 0) continue
    const { exchangeId, told, why } = await answerTo(needs, offer, asked, about, call)
    had.push(...hadOf(wanted, offer, told, exchangeId))
    if (!why) continue
    const { provider, evidenceType, purpose } = offer
    const facts = asked.filter((field) => !told.includes(field))
    notObtained.push({ provider, evidenceType, purpose, facts, exchangeId, why })
  }
  return { had, notObtained }
}
