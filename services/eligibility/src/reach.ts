import { nowSeconds } from '@unefois/chassis/clock'
import type { Runtime } from '@unefois/chassis/runtime'
import { gives } from '@unefois/proto/mask'
import type { Reach } from './domain/procedure.js'
import { evidenceTypesOf } from './domain/release.js'
import type { RuleBook } from './rule-book.js'
import type { RuleReleases } from './store/rule-releases.js'

interface Needs {
  readonly runtime: Pick<Runtime, 'member' | 'federation' | 'clock'>
  readonly releases: RuleReleases
  readonly book: RuleBook
}

/** Members that an authorisation in force lets this one have a field from, as the federation list in force says. */
export const holdersOf = ({ runtime }: Pick<Needs, 'runtime'>): Reach['holders'] => {
  const own = runtime.federation.current
    .authorisationsInForce(nowSeconds(runtime.clock))
    .filter(({ requester }) => requester === runtime.member)
  return (evidenceType, field, named) => {
    const giving = own.filter(
      (one) => one.evidenceType === evidenceType && named.includes(one.purpose) && gives(one, field),
    )
    return [...new Set(giving.map(({ provider }) => provider))].sort()
  }
}

/** What this agency may ask of whom, as the federation list in force says, and the rules that it has published. */
export const reachOf = async ({ runtime, releases, book }: Needs): Promise<Reach> => {
  const federation = runtime.federation.current
  const types = new Set(federation.claims.evidenceTypes.map(({ id }) => id))
  const purposes = new Set(federation.claims.purposes.map(({ id }) => id))
  const special = new Set(
    federation.claims.evidenceTypes.flatMap(({ id, specialCategory }) => (specialCategory ? [id] : [])),
  )
  const latest = new Map((await releases.latest()).map((stored) => [stored.benefit, stored]))
  return {
    holders: holdersOf({ runtime }),
    isPurpose: (purpose) => purposes.has(purpose),
    isEvidenceType: (evidenceType) => types.has(evidenceType),
    ruleOf: (benefit) => {
      const stored = latest.get(benefit)
      if (!stored) return undefined
      return book.describe(stored).isOrientation ? 'orients' : 'decides'
    },
    specialSourcesOf: (benefit) => {
      const stored = latest.get(benefit)
      return stored ? evidenceTypesOf(book.describe(stored)).filter((type) => special.has(type)) : []
    },
    amountsOf: (benefit) => {
      const stored = latest.get(benefit)
      const gives = stored ? Object.entries(book.describe(stored).gives) : []
      return gives.flatMap(([name, { kind }]) => (kind === 'amount' ? [name] : []))
    },
  }
}
