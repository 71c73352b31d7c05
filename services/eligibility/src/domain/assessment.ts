import type { FactAskedFor, FactSource, FactValue, RuleRelease } from './release.js'

/** A member of whom facts may be asked now, on the basis that the caller named. */
export interface Offer {
  readonly provider: string
  readonly evidenceType: string
  readonly purpose: string
  readonly basisId: string
  /** Whether the authorisation gives this field, or the answer to this predicate. */
  readonly gives: (field: string) => boolean
}

/** One question to one member: every missing fact that it can tell, and no other. */
export interface Question {
  readonly offer: Offer
  readonly facts: readonly { readonly name: string; readonly source: FactSource }[]
}

const sourceAt = (asked: FactAskedFor | undefined, { evidenceType, purpose, gives }: Offer): FactSource | undefined =>
  asked?.sources.find(
    (source) => source.evidenceType === evidenceType && source.purpose === purpose && gives(source.field),
  )

/** What to ask next: of the first missing fact that anybody left can tell, its first holder in the order of the release. */
export const nextQuestion = (
  { facts }: Pick<RuleRelease, 'facts'>,
  missing: readonly string[],
  offers: readonly Offer[],
): Question | undefined => {
  for (const name of missing)
    for (const source of facts[name]?.sources ?? []) {
      const offer = offers.find((each) => sourceAt(facts[name], each) === source)
      if (!offer) continue
      const told = missing.flatMap((each) => {
        const from = sourceAt(facts[each], offer)
        return from ? [{ name: each, source: from }] : []
      })
      return { offer, facts: told }
    }
  return undefined
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value of a field within evidence; undefined where there is none, and for what is no single value. */
export const valueAt = (evidence: unknown, field: string): FactValue | undefined => {
  let value = evidence
  for (const step of field.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined
    value = value[step]
  }
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' ? value : undefined
}
