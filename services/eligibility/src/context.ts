import { type NeighbourClient, neighbourClient } from '@unefois/chassis/neighbour'
import { openRuntime, type Runtime, type RuntimeOverrides } from '@unefois/chassis/runtime'
import { DocumentsServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { EligibilityConfig } from './config.js'
import type { Reach } from './domain/procedure.js'
import { reachOf } from './reach.js'
import { RuleBook } from './rule-book.js'
import { migrations } from './store/migrations.js'
import { PublishedProcedures } from './store/published-procedures.js'
import { RuleReleases } from './store/rule-releases.js'

/** What an eligibility instance works with. An RPC takes the parts that it needs, never the whole. */
export interface EligibilityContext {
  readonly runtime: Runtime
  readonly releases: RuleReleases
  readonly procedures: PublishedProcedures
  readonly book: RuleBook
  readonly reach: () => Promise<Reach>
  readonly documents: Pick<NeighbourClient<typeof DocumentsServiceDefinition>, 'requestEvidence'>
}

export const fromConfig = async (
  config: EligibilityConfig,
  overrides: RuntimeOverrides = {},
): Promise<EligibilityContext> => {
  const runtime = await openRuntime(config, 'eligibility', migrations, overrides)
  const releases = new RuleReleases(runtime.postgres)
  const book = new RuleBook(releases)
  return {
    runtime,
    releases,
    book,
    procedures: new PublishedProcedures(runtime.postgres),
    reach: () => reachOf({ runtime, releases, book }),
    documents: neighbourClient(runtime.bus, DocumentsServiceDefinition),
  }
}
