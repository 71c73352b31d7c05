import { callerName } from '@unefois/chassis/caller'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { PublishReleaseRequest, PublishReleaseResponse } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { EligibilityContext } from '../context.js'
import type { Reach } from '../domain/procedure.js'
import type { FactSource, Fault, RuleRelease } from '../domain/release.js'
import { publicationFault } from '../domain/validity.js'
import { proactiveOffers } from '../proactive-offers.js'
import { readRelease } from '../rules/read-release.js'
import { sha256Of } from '../yaml-source.js'
import { invalidSource } from './faults.js'
import { orEmpty, sha256, source } from './fields.js'
import { releaseView } from './release-view.js'

type Needs = Pick<EligibilityContext, 'runtime' | 'releases' | 'book' | 'reach'>

/** Whether a member may tell it while the person is there, or in a search for rights. */
const isReachable = (needs: Needs, reach: Reach, { evidenceType, field, purpose }: FactSource): boolean =>
  reach.holders(evidenceType, field, [purpose]).length > 0 ||
  proactiveOffers(needs, [purpose]).some((offer) => offer.evidenceType === evidenceType && offer.gives(field))

/** A fact may name as its source only what this agency can lawfully have. */
const faultsOfSources = (needs: Needs, reach: Reach, { facts }: RuleRelease): Fault[] =>
  Object.entries(facts).flatMap(([name, { sources }]) =>
    sources.flatMap((source, index) =>
      isReachable(needs, reach, source)
        ? []
        : [
            {
              at: `facts/${name}/sources/${index}`,
              what: 'can be had from nobody: no authorisation in force gives it',
            },
          ],
    ),
  )

/** Checks a release and keeps it. Errors: RULE_RELEASE_INVALID with its faults, RULE_RELEASE_OVERLAPS. */
export const publishRelease = (needs: Needs): PlainRpc<PublishReleaseRequest, PublishReleaseResponse> => ({
  request: z.object({ source, replaces: orEmpty(sha256) }),
  handle: async (request, { caller }) => {
    const { runtime, releases, book } = needs
    const read = readRelease(request.source)
    if (!('release' in read)) throw invalidSource('RULE_RELEASE_INVALID', read)
    const { benefit, validFrom, validTo } = read.release
    const reach = await needs.reach()
    const unreachable = faultsOfSources(needs, reach, read.release)
    if (unreachable.length > 0) throw invalidSource('RULE_RELEASE_INVALID', unreachable)
    const replaces = request.replaces || undefined
    const stored = {
      sha256: sha256Of(request.source),
      benefit,
      validity: { from: validFrom, to: validTo },
      source: request.source,
      publishedAtMs: runtime.clock.nowMs(),
      publishedBy: callerName(caller),
      replacedBy: undefined,
    }
    const kept = await runtime.postgres.transaction(async (tx) => {
      await releases.lock(tx)
      const known = await releases.get(stored.sha256, tx)
      if (known) return known
      const fault = publicationFault(await releases.standing(benefit, tx), stored.validity, replaces)
      if (fault?.fault === 'overlaps')
        throw new MeshError('RULE_RELEASE_OVERLAPS', { facts: { release: fault.other.sha256 } })
      if (fault) throw new MeshError('RULE_RELEASE_UNKNOWN')
      await releases.add(tx, stored, replaces)
      return stored
    })
    return { release: releaseView(book, kept) }
  },
})
