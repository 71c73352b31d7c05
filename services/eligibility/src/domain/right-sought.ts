import type { Decision } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import type { NotObtained } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type { Reason } from '@unefois/proto/reasons'
import type { Offer } from './assessment.js'
import type { RuleRelease } from './release.js'

/** A member that may be asked about people who asked for nothing; what it rests on is recorded for each person. */
export type ProactiveOffer = Omit<Offer, 'basisId'>

/** What one basis covers: one member, one purpose, each of the evidence types that may be asked there. */
export interface Search {
  readonly provider: string
  readonly purpose: string
  readonly evidenceTypes: readonly string[]
}

/** Those of the offers that can tell a fact of the rule. */
export const offersFor = (
  { facts }: Pick<RuleRelease, 'facts'>,
  offers: readonly ProactiveOffer[],
): readonly ProactiveOffer[] => {
  const sources = Object.values(facts).flatMap((asked) => asked.sources)
  return offers.filter(({ evidenceType, purpose, gives }) =>
    sources.some((source) => source.evidenceType === evidenceType && source.purpose === purpose && gives(source.field)),
  )
}

const isSame = (one: Pick<Search, 'provider' | 'purpose'>, other: Pick<Search, 'provider' | 'purpose'>): boolean =>
  one.provider === other.provider && one.purpose === other.purpose

/** The bases that these offers need, in their order. */
export const searchesOf = (offers: readonly ProactiveOffer[]): Search[] =>
  offers
    .filter((offer, at) => offers.findIndex((other) => isSame(offer, other)) === at)
    .map(({ provider, purpose }) => {
      const covered = offers.filter((offer) => isSame(offer, { provider, purpose }))
      return { provider, purpose, evidenceTypes: [...new Set(covered.map(({ evidenceType }) => evidenceType))] }
    })

/** Whether one of these decisions gives the right on a day (Europe/Paris, YYYY-MM-DD) or will: its last day has not passed. */
export const givesFrom = (grants: readonly Pick<Decision, 'made'>[], day: string): boolean =>
  grants.some(({ made }) => made !== undefined && (made.toDay === '' || made.toDay >= day))

/** Refusals that are about the person, whichever member is asked. */
const ofPerson: ReadonlySet<string> = new Set<Reason>([
  'OPPOSITION_STANDS',
  'SUBJECT_UNKNOWN',
  'SUBJECT_SPLIT',
  'SUBJECT_DECEASED',
])

/** The refusal for which nothing is to be said of a person; undefined where something was found, be it that it is unknown. */
export const refusalOf = (notObtained: readonly NotObtained[]): string | undefined =>
  notObtained.flatMap(({ why }) => (why?.$case === 'refused' && ofPerson.has(why.value) ? [why.value] : []))[0]
