import { nowSeconds } from '@unefois/chassis/clock'
import type { Call } from '@unefois/chassis/rpc'
import type { Authorisation } from '@unefois/proto/federation-list'
import type { Evidence, RequestEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { AssessRequest, NotObtained } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { gives } from '@unefois/proto/mask'
import { MeshError, type Reason, reasons, toMeshError } from '@unefois/proto/reasons'
import type { EligibilityContext } from './context.js'
import { nextQuestion, type Offer, type Question, valueAt } from './domain/assessment.js'
import { readFacts } from './domain/facts.js'
import { find, type RuleFinding } from './domain/finding.js'
import type { FactSource, Facts, FactValue } from './domain/release.js'
import type { ReadRelease } from './rule-book.js'

type Needs = Pick<EligibilityContext, 'runtime' | 'documents'>
type Why = NonNullable<NotObtained['why']>

/** A fact that evidence told, and which. */
export interface FactTold {
  readonly name: string
  readonly value: FactValue
  readonly source: FactSource
  readonly provider: string
  readonly exchangeId: string
  readonly version: number
  readonly asOfMs: number
}

/** What is known of a person in the end, and how it came. */
export interface Gathered {
  readonly facts: Facts
  readonly finding: RuleFinding
  readonly told: readonly FactTold[]
  readonly notObtained: readonly NotObtained[]
}

/** Who is asked about, in which procedure, and the second person where there is one. */
export type AskedAbout = Pick<AssessRequest, 'subject' | 'procedure' | 'relatedSubject'>

/** Refusals of the caller, which no other member could cure. */
export const concernsCaller = (reason: Reason): boolean =>
  reasons[reason].grpc === 'UNAUTHENTICATED' || reason === 'CALLER_NOT_ALLOWED' || reason === 'RATE_LIMITED'

/** Whether a question is about a second person. Where nobody named one, it would have all that is asked with it refused. */
const isOfSecondPerson = ({ predicates }: Authorisation, field: string): boolean =>
  predicates.some(({ id, kind }) => id === field && kind === 'related-subject')

/** The members that may be asked now: those of the bases given, as far as authorisations in force and the procedure go. */
export const offersOf = (
  { runtime }: Pick<Needs, 'runtime'>,
  { bases, relatedSubject }: Pick<AssessRequest, 'bases' | 'relatedSubject'>,
  purposes: readonly string[],
): Offer[] => {
  const authorised = runtime.federation.current
    .authorisationsInForce(nowSeconds(runtime.clock))
    .filter(({ requester, purpose }) => requester === runtime.member && purposes.includes(purpose))
  return bases.flatMap(({ provider, purpose, basisId }) =>
    authorised
      .filter((one) => one.provider === provider && one.purpose === purpose)
      .map((one) => ({
        provider,
        purpose,
        basisId,
        evidenceType: one.evidenceType,
        gives: (field: string) => gives(one, field) && (relatedSubject !== '' || !isOfSecondPerson(one, field)),
      })),
  )
}

const isPredicate = ({ runtime }: Pick<Needs, 'runtime'>, { evidenceType, field }: FactSource): boolean =>
  Object.hasOwn(runtime.federation.current.evidenceType(evidenceType).predicateTitles ?? {}, field)

const ask = (
  needs: Needs,
  { offer, facts }: Question,
  { subject, procedure, relatedSubject }: AskedAbout,
  { deadline, accessToken }: Call,
): Promise<RequestEvidenceResponse> => {
  const { provider, evidenceType, purpose, basisId } = offer
  const fields = [...new Set(facts.map(({ source }) => source.field))]
  const isQuestion = (field: string) => isPredicate(needs, { evidenceType, field, purpose })
  return needs.documents.requestEvidence(
    {
      subject,
      provider,
      evidenceType,
      purpose,
      procedure,
      basisId,
      fields: fields.filter((field) => !isQuestion(field)),
      predicates: fields.filter(isQuestion).map((predicate) => ({ predicate, argumentSubject: relatedSubject })),
    },
    { deadline, ...(accessToken !== undefined && { accessToken }) },
  )
}

/** The value of a source in evidence: the answer to a predicate, or a field. */
const toldBy = ({ valueJson, predicates }: Evidence, { field }: FactSource): FactValue | undefined =>
  predicates.find(({ predicate }) => predicate === field)?.holds ??
  valueAt(valueJson === '' ? undefined : JSON.parse(valueJson), field)

/** What a member answered to a question, or why it told nothing. */
export type Answered =
  | { readonly exchangeId: string; readonly evidence: Evidence }
  | { readonly exchangeId: string; readonly why: Why }

/** Asks one member. Errors: those of the caller's own token; whatever else is refused is why nothing was told. */
export const answerTo = async (needs: Needs, question: Question, about: AskedAbout, call: Call): Promise<Answered> => {
  try {
    const { exchangeId, outcome } = await ask(needs, question, about, call)
    if (!outcome) throw new MeshError('INTERNAL', { cause: 'an exchange without an outcome' })
    return outcome.$case === 'evidence' ? { exchangeId, evidence: outcome.value } : { exchangeId, why: outcome }
  } catch (thrown) {
    const error = toMeshError(thrown)
    if (concernsCaller(error.reason)) throw error
    return { exchangeId: '', why: { $case: 'refused', value: error.reason } }
  }
}

/** What a member did not tell of what it was asked. */
export const without = (
  { provider, evidenceType, purpose }: Offer,
  facts: readonly string[],
  { exchangeId, why }: { readonly exchangeId: string; readonly why: Why },
): NotObtained => ({ provider, evidenceType, purpose, facts: [...facts], exchangeId, why })

/** Asks for what is missing on the bases that the caller gives, as `gatherFrom` does. */
export const gather = (
  needs: Needs,
  read: ReadRelease,
  purposes: readonly string[],
  declared: Facts,
  request: AskedAbout & Pick<AssessRequest, 'bases'>,
  call: Call,
): Promise<Gathered> => gatherFrom(needs, read, offersOf(needs, request, purposes), declared, request, call)

/**
 * Asks for what is missing, one member after the other and only while it is missing: an answer may make the next question
 * needless. Whoever was asked once is not asked again. What a member does not tell is named, and ends nothing. Errors: those of
 * the caller's own token.
 */
export const gatherFrom = async (
  needs: Needs,
  { release, computation }: ReadRelease,
  holders: readonly Offer[],
  declared: Facts,
  about: AskedAbout,
  call: Call,
): Promise<Gathered> => {
  const told: FactTold[] = []
  const notObtained: NotObtained[] = []
  let facts = declared
  let offers = holders
  for (;;) {
    const finding = find(release, computation, facts)
    const question = nextQuestion(release, finding.missing, offers)
    if (!question) return { facts, finding, told, notObtained }
    const { offer } = question
    offers = offers.filter((each) => each !== offer)
    const { provider } = offer
    const asked = question.facts.map(({ name }) => name)
    const answer = await answerTo(needs, question, about, call)
    if ('why' in answer) {
      notObtained.push(without(offer, asked, answer))
      continue
    }
    const { exchangeId, evidence } = answer
    const found = question.facts.flatMap(({ name, source }) => {
      const value = toldBy(evidence, source)
      const isFit = value !== undefined && !('what' in readFacts(release, [[name, value]]))
      return isFit ? [{ name, value, source }] : []
    })
    facts = new Map([...facts, ...found.map(({ name, value }) => [name, value] as const)])
    const { version, asOfMs } = evidence
    told.push(...found.map((each) => ({ ...each, provider, exchangeId, version, asOfMs })))
    const unfit = asked.filter((name) => !found.some((each) => each.name === name))
    if (unfit.length > 0)
      notObtained.push(without(offer, unfit, { exchangeId, why: { $case: 'isUnfit', value: true } }))
  }
}
