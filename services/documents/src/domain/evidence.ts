import type { Authorisation, Predicate } from '@unefois/proto/federation-list'
import { isCovered, type JsonObject, type JsonValue, minimise, parsePath } from '@unefois/proto/mask'
import type { Reason } from '@unefois/proto/reasons'

/** Evidence as a holder keeps it. */
export interface HeldEvidence {
  readonly value: JsonObject
  readonly version: number
  readonly asOfMs: number
  readonly related: readonly { readonly relation: string; readonly subject: string }[]
}

/** What a holder answers about one person and one type; a register may also not answer, or not in a way that can be read. */
export type Holding =
  | { readonly kind: 'found'; readonly evidence: HeldEvidence }
  | { readonly kind: 'absent' }
  /** Two files of this person say different things, and only the holder can tell which is true. */
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'later'; readonly retryAfterMs: number }

/** What a holder answers about one person under several names: nobody guesses which of two different answers is true. */
export const heldUnderAny = (holdings: readonly Holding[]): Holding => {
  const [found, ...others] = holdings.filter((each) => each.kind === 'found')
  const isSame = ({ evidence }: { readonly evidence: HeldEvidence }) =>
    JSON.stringify(evidence.value) === JSON.stringify(found?.evidence.value)
  if (found) return others.every(isSame) ? found : { kind: 'ambiguous' }
  return holdings.find(({ kind }) => kind !== 'absent') ?? { kind: 'absent' }
}

/** A predicate as asked: the second person, where it takes one, by this provider's own pseudonym. */
export interface AskedPredicate {
  readonly id: string
  readonly argument: string | undefined
}

/** The third gate, on fields: everything asked for must stand in the authorisation. */
export const fieldRefusal = (
  authorisation: Authorisation,
  fields: readonly string[],
  predicates: readonly AskedPredicate[],
): Reason | undefined => {
  const known = new Map(authorisation.predicates.map((predicate) => [predicate.id, predicate]))
  const isAllowed =
    fields.every((field) => isCovered(field, authorisation.fields)) &&
    predicates.every(({ id, argument }) => {
      const predicate = known.get(id)
      const isAboutTwo = predicate?.kind === 'related-subject'
      // What is asked about two people cannot be previewed, and so is not answered where a preview is owed.
      const isPreviewable = !isAboutTwo || authorisation.mode !== 'explicit-request'
      return predicate !== undefined && isPreviewable && isAboutTwo === (argument !== undefined)
    })
  return isAllowed ? undefined : 'FIELD_NOT_AUTHORISED'
}

/** The fields that are released: those asked for; all that the authorisation lists when nothing at all is named. */
export const releasedFields = (
  authorisation: Pick<Authorisation, 'fields'>,
  asked: { readonly fields: readonly string[]; readonly predicates: readonly unknown[] },
): readonly string[] => (asked.fields.length > 0 || asked.predicates.length > 0 ? asked.fields : authorisation.fields)

/** Whether a path leads to anything; null is something. */
const leads = (value: JsonValue | undefined, [step, ...further]: readonly string[]): boolean => {
  if (step === undefined || value === undefined) return value !== undefined
  if (Array.isArray(value)) return step === '[]' && value.some((element) => leads(element, further))
  return typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? leads((value as JsonObject)[step], further)
    : false
}

/** Those of these fields that the value has: what a record says was released is what left. */
export const presentFields = (value: JsonObject, fields: readonly string[]): readonly string[] =>
  fields.filter((field) => leads(value, parsePath(field)))

/** Whether evidence is older than the authorisation allows. */
export const isStale = (authorisation: Authorisation, evidence: HeldEvidence, nowMs: number): boolean =>
  evidence.asOfMs + authorisation.maximumAgeSeconds * 1000 < nowMs

const read = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (at, key) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, key)
          ? (at as Record<string, unknown>)[key]
          : undefined,
      value,
    )

/** Undefined when the evidence does not say: a missing figure is not a "no" (DESIGN section 6, never block). */
const holds = (predicate: Predicate, evidence: HeldEvidence, argument: string | undefined): boolean | undefined => {
  switch (predicate.kind) {
    case 'related-subject':
      return evidence.related.some(({ relation, subject }) => relation === predicate.relation && subject === argument)
    case 'at-most': {
      const value = read(evidence.value, predicate.field)
      return typeof value === 'number' ? value <= predicate.constant : undefined
    }
  }
}

/** Answers the asked predicates that the evidence decides; each is one that the authorisation lists. */
export const answerPredicates = (
  authorisation: Authorisation,
  evidence: HeldEvidence,
  asked: readonly AskedPredicate[],
): { predicate: string; holds: boolean }[] =>
  asked.flatMap(({ id, argument }) => {
    const predicate = authorisation.predicates.find((each) => each.id === id)
    const answer = predicate && holds(predicate, evidence, argument)
    return answer === undefined ? [] : [{ predicate: id, holds: answer }]
  })

/** The value with the released fields only; what is not released is absent, never null. */
export const minimised = (evidence: HeldEvidence, fields: readonly string[]): JsonObject =>
  minimise(evidence.value, fields)
