import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline } from '@unefois/chassis/deadline'
import { FederationCache } from '@unefois/chassis/federation-cache'
import type { NeighbourClient } from '@unefois/chassis/neighbour'
import { Outbox } from '@unefois/chassis/outbox'
import type { Call } from '@unefois/chassis/rpc'
import type { Runtime } from '@unefois/chassis/runtime'
import type { ConsentServiceDefinition } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { IdentityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { MemberId } from '@unefois/proto/ids'
import { importPrivateKey } from '@unefois/proto/keys'
import { MeshError } from '@unefois/proto/reasons'
import { type LookInto, Subjects } from '@unefois/subjects/subjects'
import { Bases } from './bases.js'
import { Changes } from './changes.js'
import { ManualClock } from './clock.fixture.js'
import type { DocumentsContext } from './context.js'
import { type Database, openDatabase, quiet } from './database.fixture.js'
import { Lease } from './domain/lease.js'
import { RefusalBudget } from './domain/refusal-budget.js'
import { keyOf, members, publicOf, schema, signedList, types } from './federation.fixture.js'
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

type Identity = Pick<NeighbourClient<typeof IdentityServiceDefinition>, 'requestTicket'>
type Consent = Pick<NeighbourClient<typeof ConsentServiceDefinition>, 'getBasis' | 'renewLease' | 'getConsentOutcome'>

/** What a member is given from outside. */
export interface Surroundings {
  readonly identity?: Identity
  readonly consent?: Partial<Consent>
  readonly documentsOf?: DocumentsContext['documentsOf']
  readonly changesOf?: DocumentsContext['changesOf']
  readonly sources?: Readonly<Record<string, { readonly address: string; readonly authority: string }>>
  readonly refusalBudget?: RefusalBudget
  /** Who is meant by a pseudonym of another epoch. */
  readonly lookInto?: LookInto
  /** Bus names by key; without the eligibility service nobody is told of what is outdated. */
  readonly neighbours?: Readonly<Record<string, string>>
}

/** The parts of one member's documents, real down to PostgreSQL; only the clock and the neighbours are a test's. */
export interface MemberParts extends Omit<DocumentsContext, 'identity' | 'consent' | 'corrections' | 'declaring'> {
  readonly consent: Consent
  readonly clock: ManualClock
  readonly database: Database
  readonly lease: Lease
  readonly subjectKeys: SubjectKeys
  /** Brings another federation list into force. */
  publish(list: string): Promise<void>
  /** Renews the lease on the consent state from this moment. */
  holdLease(leaseMs?: number): void
  close(): Promise<void>
}

const down = async (): Promise<never> => {
  throw new MeshError('UNAVAILABLE')
}

/** Opens one member's documents on a database of its own. */
export const openMember = async (id: MemberId, around: Surroundings = {}): Promise<MemberParts> => {
  const folder = mkdtempSync(join(tmpdir(), 'documents-'))
  for (const type of Object.values(types)) writeFileSync(join(folder, `${type}.json`), JSON.stringify(schema))
  const source = join(folder, 'federation-list')
  writeFileSync(source, signedList())
  const clock = new ManualClock()
  const database = await openDatabase()
  const { postgres } = database
  const signerKeys = [publicOf(keyOf('signer', 'list'))]
  const federation = await FederationCache.open(
    { source, cache: join(folder, 'cache'), signer: 'signer', signerKeys },
    clock,
    quiet,
  )
  const outbox = new Outbox(postgres, clock, quiet)
  const bus = { neighbours: around.neighbours ?? {} }
  const parts = { member: id, service: 'documents', clock, log: quiet, postgres, federation, outbox, bus }
  const runtime = parts as unknown as Runtime
  const recordKey = randomBytes(32)
  const subjectKeys = new SubjectKeys(postgres, randomBytes(32))
  const evidence = new EvidenceStore(postgres, subjectKeys)
  const protectedSubjects = new ProtectedSubjects(postgres)
  const withheldExchanges = new WithheldExchanges(postgres)
  const schemas = new Schemas(folder, federation)
  const lease = new Lease()
  const pendingRequests = new PendingRequests(postgres, subjectKeys)
  const signKey = importPrivateKey(keyOf(id, 'log'))
  const sequencer = new Sequencer({ postgres, origin: `fixture/${id}`, signKey, clock, log: quiet })
  const logging = { postgres, recordKey, lease, clock, afterCommit: () => undefined }
  const consent = { getBasis: down, renewLease: down, getConsentOutcome: down, ...around.consent }
  const subjects = new Subjects({
    member: id,
    service: 'documents',
    postgres,
    clock,
    log: quiet,
    tables: subjectTables(subjectKeys),
    lookInto: around.lookInto ?? down,
  })
  const holdings = new Holdings({ evidence, schemas, log: quiet, subjects, sources: around.sources ?? {} })
  return {
    runtime,
    clock,
    database,
    evidence,
    schemas,
    lease,
    subjectKeys,
    subjects,
    sequencer,
    holdings,
    consent,
    askedFields: new AskedFields(postgres),
    changes: new Changes({ runtime, evidence, settleMs: 60_000 }),
    subscriptions: new Subscriptions(postgres),
    changesOf: around.changesOf ?? (() => ({ openSubscription: down })),
    documentsOf: around.documentsOf ?? (() => ({ releaseEvidence: down })),
    received: new ReceivedEvidenceStore(postgres, subjectKeys),
    accesses: new AccessStore(postgres, recordKey),
    exchangeLog: new ExchangeLog(logging),
    previewedReleases: new PreviewedReleases(logging),
    statementsOnHonour: new StatementsOnHonour(postgres, subjectKeys),
    protectedSubjects,
    withheldExchanges,
    places: new Places({ runtime, protectedSubjects, withheldExchanges }),
    oppositions: new Oppositions(postgres),
    oppositionMonths: 24,
    pendingRequests,
    laterDelivery: new LaterDelivery({ runtime, pendingRequests }),
    tickets: new Tickets({
      identity: around.identity ?? { requestTicket: down },
      runtime,
      sealKey: importPrivateKey(keyOf(id, 'seal', 'documents')),
    }),
    statements: new Statements(runtime),
    bases: new Bases(consent),
    leaseKeeper: new LeaseKeeper({ consent, lease, runtime }),
    refusalBudget: around.refusalBudget ?? new RefusalBudget(),
    publish: async (list) => {
      writeFileSync(source, list)
      await federation.refresh()
    },
    holdLease: (leaseMs = 10_000) => {
      lease.renew({ nonce: '', askedAtMs: clock.monotonicMs() }, { nonce: '', requiredPosition: 0, leaseMs }, 0)
    },
    close: async () => {
      holdings.close()
      federation.close()
      await sequencer.settled()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A call with plenty of time. */
export const callOf = (caller: Call['caller'], clock: ManualClock, deadlineMs = 30_000): Call => ({
  caller,
  deadline: Deadline.after(deadlineMs, clock),
  door: 'mesh',
})

/** A call from another member's documents, or from the portal's gateway. */
export const callFrom = (member: MemberId, clock: ManualClock, deadlineMs?: number): Call =>
  callOf({ kind: 'member', member, service: member === members.desk ? 'gateway' : 'documents' }, clock, deadlineMs)
