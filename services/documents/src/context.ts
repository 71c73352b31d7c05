import { systemClock } from '@unefois/chassis/clock'
import { readPrivateKey, readSecretKey } from '@unefois/chassis/keys'
import { type MemberClient, memberClient } from '@unefois/chassis/member-client'
import { type NeighbourClient, neighbourClient } from '@unefois/chassis/neighbour'
import { openRuntime, type Runtime, type RuntimeOverrides } from '@unefois/chassis/runtime'
import { ConsentServiceDefinition } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { ChangeServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/changes'
import { DocumentsServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { IdentityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { Subjects } from '@unefois/subjects/subjects'
import { Bases } from './bases.js'
import { Changes } from './changes.js'
import type { DocumentsConfig } from './config.js'
import { type CorrectionStores, openCorrectionStores } from './correction-service.js'
import { type DeclarationParts, openDeclarations } from './declaration-service.js'
import { Lease } from './domain/lease.js'
import { RefusalBudget } from './domain/refusal-budget.js'
import { Holdings } from './holdings.js'
import { LaterDelivery } from './later-delivery.js'
import { LeaseKeeper } from './lease-keeper.js'
import { Places } from './places.js'
import { Schemas } from './schemas.js'
import { Statements } from './statements.js'
import { AccessStore } from './store/accesses.js'
import { AskedFields } from './store/asked-fields.js'
import { EvidenceStore } from './store/evidence.js'
import { ExchangeLog } from './store/exchange-log.js'
import { migrations } from './store/migrations.js'
import { Oppositions } from './store/oppositions.js'
import { PendingRequests } from './store/pending-requests.js'
import { PreviewedReleases } from './store/previewed-releases.js'
import { ProtectedSubjects } from './store/protected-subjects.js'
import { ReceivedEvidenceStore } from './store/received-evidence.js'
import { Sequencer } from './store/sequencer.js'
import { StatementsOnHonour } from './store/statements-on-honour.js'
import { SubjectKeys } from './store/subject-keys.js'
import { subjectTables } from './store/subject-tables.js'
import { Subscriptions } from './store/subscriptions.js'
import { WithheldExchanges } from './store/withheld-exchanges.js'
import { Tickets } from './tickets.js'

/** What a documents instance works with. An RPC takes the parts that it needs, never the whole. */
export interface DocumentsContext {
  readonly runtime: Runtime
  readonly identity: NeighbourClient<typeof IdentityServiceDefinition>
  readonly consent: NeighbourClient<typeof ConsentServiceDefinition>
  readonly documentsOf: (member: string) => Pick<MemberClient<typeof DocumentsServiceDefinition>, 'releaseEvidence'>
  readonly evidence: EvidenceStore
  readonly received: ReceivedEvidenceStore
  readonly accesses: AccessStore
  readonly exchangeLog: ExchangeLog
  readonly previewedReleases: PreviewedReleases
  readonly protectedSubjects: ProtectedSubjects
  readonly withheldExchanges: WithheldExchanges
  readonly places: Places
  readonly oppositions: Oppositions
  readonly statementsOnHonour: StatementsOnHonour
  readonly oppositionMonths: number
  readonly pendingRequests: PendingRequests
  readonly laterDelivery: LaterDelivery
  readonly sequencer: Sequencer
  readonly schemas: Schemas
  readonly holdings: Holdings
  readonly tickets: Tickets
  readonly statements: Statements
  readonly bases: Bases
  readonly leaseKeeper: LeaseKeeper
  readonly refusalBudget: RefusalBudget
  readonly corrections: CorrectionStores
  readonly subjects: Subjects
  readonly declaring: DeclarationParts
  readonly askedFields: AskedFields
  readonly changes: Changes
  readonly subscriptions: Subscriptions
  readonly changesOf: (member: string) => Pick<MemberClient<typeof ChangeServiceDefinition>, 'openSubscription'>
}

export const fromConfig = async (
  config: DocumentsConfig,
  overrides: RuntimeOverrides = {},
): Promise<DocumentsContext> => {
  const runtime = await openRuntime(config, 'documents', migrations, overrides)
  const clock = overrides.clock ?? systemClock
  const { postgres, log, member } = runtime
  const recordKey = readSecretKey(config.recordKey)
  const subjectKeys = new SubjectKeys(postgres, readSecretKey(config.keyEncryptionKey))
  const identity = neighbourClient(runtime.bus, IdentityServiceDefinition)
  const consent = neighbourClient(runtime.bus, ConsentServiceDefinition)
  const subjects = new Subjects({
    member,
    service: runtime.service,
    postgres,
    clock,
    log,
    tables: subjectTables(subjectKeys),
    lookInto: identity.resolveSubjects,
  })
  const lease = new Lease()
  const evidence = new EvidenceStore(postgres, subjectKeys)
  const signKey = readPrivateKey(config.logKey)
  const sequencer = new Sequencer({
    postgres,
    origin: `${runtime.federation.current.claims.federation}/${member}`,
    signKey,
    clock,
    log,
  })
  const logging = { postgres, recordKey, lease, clock, afterCommit: () => sequencer.wakeSoon() }
  const pendingRequests = new PendingRequests(postgres, subjectKeys)
  const schemas = new Schemas(config.schemas, runtime.federation)
  const received = new ReceivedEvidenceStore(postgres, subjectKeys)
  const protectedSubjects = new ProtectedSubjects(postgres)
  const withheldExchanges = new WithheldExchanges(postgres)
  const accesses = new AccessStore(postgres, recordKey)
  const registerTypes = Object.keys(config.sources)
  return {
    runtime,
    identity,
    consent,
    documentsOf: (provider) => memberClient(runtime, DocumentsServiceDefinition, provider),
    subjects,
    evidence,
    received,
    accesses,
    exchangeLog: new ExchangeLog(logging),
    previewedReleases: new PreviewedReleases(logging),
    statementsOnHonour: new StatementsOnHonour(postgres, subjectKeys),
    protectedSubjects,
    withheldExchanges,
    places: new Places({ runtime, protectedSubjects, withheldExchanges }),
    oppositions: new Oppositions(postgres),
    oppositionMonths: config.oppositionMonths,
    pendingRequests,
    laterDelivery: new LaterDelivery({ runtime, pendingRequests }),
    sequencer,
    schemas,
    holdings: new Holdings({ evidence, schemas, log, subjects, sources: config.sources }),
    tickets: new Tickets({ identity, runtime, sealKey: readPrivateKey(config.seal.sealKey) }),
    statements: new Statements(runtime),
    bases: new Bases(consent),
    leaseKeeper: new LeaseKeeper({ consent, lease, runtime }),
    refusalBudget: new RefusalBudget(),
    askedFields: new AskedFields(postgres),
    changes: new Changes({ runtime, evidence, settleMs: config.changesSettleMs }),
    subscriptions: new Subscriptions(postgres),
    changesOf: (provider) => memberClient(runtime, ChangeServiceDefinition, provider, 'documents'),
    declaring: openDeclarations({ postgres, subjectKeys, recordKey, afterCommit: logging.afterCommit }),
    corrections: openCorrectionStores({ postgres, subjectKeys, accesses, received, registerTypes }),
  }
}
