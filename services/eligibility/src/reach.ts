import { nowSeconds } from '@unefois/chassis/clock'
import type { Runtime } from '@unefois/chassis/runtime'
import { gives } from '@unefois/proto/mask'
import type { Reach } from './domain/procedure.js'
import type { RuleBook } from './rule-book.js'
import type { RuleReleases } from './store/rule-releases.js'

interface Needs {
  readonly runtime: Pick<Runtime, 'member' | 'federation' | 'clock'>
  readonly releases: RuleReleases
  readonly book: RuleBook
}

/** What this agency may ask of whom, as the federation list in force says, and the rules that it has published. */
export const reachOf = async ({ runtime, releases, book }: Needs): Promise<Reach> => {
  const federation = runtime.federation.current
  const own = federation
    .authorisationsInForce(nowSeconds(runtime.clock))
    .filter(({ requester }) => requester === runtime.member)
  const types = new Set(federation.claims.evidenceTypes.map(({ id }) => id))
  const purposes = new Set(federation.claims.purposes.map(({ id }) => id))
  const latest = new Map((await releases.latest()).map((stored) => [stored.benefit, stored]))
  return {
    holders: (evidenceType, field, named) => {
      const giving = own.filter(
        (one) => one.evidenceType === evidenceType && named.includes(one.purpose) && gives(one, field),
      )
      return [...new Set(giving.map(({ provider }) => provider))].sort()
    },
    isPurpose: (purpose) => purposes.has(purpose),
    isEvidenceType: (evidenceType) => types.has(evidenceType),
    ruleOf: (benefit) => {
      const stored = latest.get(benefit)
      if (!stored) return undefined
      return book.describe(stored).isOrientation ? 'orients' : 'decides'
    },
  }
}
