import { FileKeys } from '@unefois/chassis/file-keys'
import { readPrivateKey, readSecretKey } from '@unefois/chassis/keys'
import { type NeighbourClient, neighbourClient } from '@unefois/chassis/neighbour'
import { openRuntime, type Runtime, type RuntimeOverrides } from '@unefois/chassis/runtime'
import { ConsentServiceDefinition } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { DocumentsServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { IdentityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { PrivateKey } from '@unefois/proto/keys'
import { Subjects } from '@unefois/subjects/subjects'
import type { EligibilityConfig } from './config.js'
import type { Reach } from './domain/procedure.js'
import { ProcedureBook } from './procedure-book.js'
import { reachOf } from './reach.js'
import { RuleBook } from './rule-book.js'
import { Applications } from './store/applications.js'
import { migrations } from './store/migrations.js'
import { PublishedProcedures } from './store/published-procedures.js'
import { Reviews } from './store/reviews.js'
import { RuleReleases } from './store/rule-releases.js'
import { subjectTables } from './store/subject-tables.js'

/** What an eligibility instance works with. An RPC takes the parts that it needs, never the whole. */
export interface EligibilityContext {
  readonly runtime: Runtime
  readonly releases: RuleReleases
  readonly procedures: PublishedProcedures
  readonly book: RuleBook
  readonly procedureBook: ProcedureBook
  readonly reach: () => Promise<Reach>
  readonly documents: Pick<NeighbourClient<typeof DocumentsServiceDefinition>, 'requestEvidence'>
  readonly consent: Pick<NeighbourClient<typeof ConsentServiceDefinition>, 'recordProactiveUse'>
  /** Whoever is kept here, by pseudonyms that may change. */
  readonly subjects: Subjects
  readonly fileKeys: FileKeys
  readonly applications: Applications
  readonly reviews: Reviews
  /** Use `decision`. */
  readonly decisionKey: PrivateKey
}

export const fromConfig = async (
  config: EligibilityConfig,
  overrides: RuntimeOverrides = {},
): Promise<EligibilityContext> => {
  const decisionKey = readPrivateKey(config.decisionKey)
  const fileKeys = new FileKeys('eligibility', readSecretKey(config.keyEncryptionKey))
  const runtime = await openRuntime(config, 'eligibility', migrations, overrides)
  const { postgres, member, service, clock, log } = runtime
  const identity = neighbourClient(runtime.bus, IdentityServiceDefinition)
  const releases = new RuleReleases(postgres)
  const book = new RuleBook(releases)
  const procedures = new PublishedProcedures(postgres)
  return {
    runtime,
    releases,
    book,
    procedures,
    procedureBook: new ProcedureBook(procedures),
    reach: () => reachOf({ runtime, releases, book }),
    documents: neighbourClient(runtime.bus, DocumentsServiceDefinition),
    consent: neighbourClient(runtime.bus, ConsentServiceDefinition),
    subjects: new Subjects({
      member,
      service,
      postgres,
      clock,
      log,
      tables: subjectTables,
      lookInto: identity.resolveSubjects,
    }),
    fileKeys,
    applications: new Applications({ postgres, fileKeys }),
    reviews: new Reviews({ postgres, fileKeys }),
    decisionKey,
  }
}
