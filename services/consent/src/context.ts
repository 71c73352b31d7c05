import type { Clock } from '@unefois/chassis/clock'
import { readPrivateKey } from '@unefois/chassis/keys'
import { type MemberClient, memberClient } from '@unefois/chassis/member-client'
import { type NeighbourClient, neighbourClient } from '@unefois/chassis/neighbour'
import type { Outbox } from '@unefois/chassis/outbox'
import type { Postgres } from '@unefois/chassis/postgres'
import { openRuntime, type Runtime, type RuntimeOverrides } from '@unefois/chassis/runtime'
import type { Federation } from '@unefois/proto/federation'
import { ConsentAuthorityServiceDefinition } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { IdentityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { MemberId } from '@unefois/proto/ids'
import type { PrivateKey } from '@unefois/proto/keys'
import { Subjects } from '@unefois/subjects/subjects'
import type { SubjectTable } from '@unefois/subjects/tables'
import type { ConsentAuthorityConfig, ConsentConfig } from './config.js'
import { agencyMigrations, authorityMigrations } from './store/migrations.js'
import { agencySubjectTables, authoritySubjectTables } from './store/subject-tables.js'
import { Tickets } from './tickets.js'
import { Wakes } from './wakes.js'

/** What both roles work with. An RPC takes the parts that it needs, never the whole. */
interface CommonContext {
  readonly member: MemberId
  readonly clock: Clock
  readonly postgres: Pick<Postgres, 'query' | 'transaction'>
  readonly federation: { readonly current: Federation }
  readonly outbox: Pick<Outbox, 'add' | 'wake'>
  /** Whoever is kept here, by pseudonyms that may change. */
  readonly subjects: Subjects
  /** Use `statement`. */
  readonly statementKey: PrivateKey
}

/** What a member's own consent instance works with. */
export interface ConsentContext extends CommonContext {
  readonly identity: Pick<NeighbourClient<typeof IdentityServiceDefinition>, 'requestTicket'>
  readonly authorityOf: (
    member: string,
  ) => Pick<MemberClient<typeof ConsentAuthorityServiceDefinition>, 'pushConsentRequest' | 'grantLease'>
  readonly tickets: Pick<Tickets, 'openSubject'>
}

/** What the consent authority works with. */
export interface ConsentAuthorityContext extends CommonContext {
  readonly identity: Pick<NeighbourClient<typeof IdentityServiceDefinition>, 'requestSealedSubject'>
  readonly tickets: Pick<Tickets, 'openTicket'>
  /** Woken when a provider's confirmation was committed. */
  readonly wakes: Wakes
  readonly publicUrl: string
  readonly leaseMs: number
  readonly requestMinutes: number
}

const agencySchema = { migrations: agencyMigrations, tables: agencySubjectTables }
const authoritySchema = { migrations: authorityMigrations, tables: authoritySubjectTables }

const open = async (
  config: ConsentConfig,
  service: string,
  { migrations, tables }: { readonly migrations: string; readonly tables: readonly SubjectTable[] },
  overrides: RuntimeOverrides,
): Promise<{ runtime: Runtime; common: CommonContext; tickets: Tickets }> => {
  const statementKey = readPrivateKey(config.statementKey)
  const sealKey = readPrivateKey(config.seal.sealKey)
  const runtime = await openRuntime(config, service, migrations, overrides)
  const { member, clock, log, postgres, federation, outbox } = runtime
  const lookInto = neighbourClient(runtime.bus, IdentityServiceDefinition).resolveSubjects
  const subjects = new Subjects({ member, service, postgres, clock, log, tables, lookInto })
  return {
    runtime,
    common: { member, clock, postgres, federation, outbox, statementKey, subjects },
    tickets: new Tickets({ member, clock, federation, sealKey }),
  }
}

export const fromConfig = async (
  config: ConsentConfig,
  overrides: RuntimeOverrides,
): Promise<{ runtime: Runtime; context: ConsentContext }> => {
  const { runtime, common, tickets } = await open(config, 'consent', agencySchema, overrides)
  const context: ConsentContext = {
    ...common,
    tickets,
    identity: neighbourClient(runtime.bus, IdentityServiceDefinition),
    authorityOf: (member) => memberClient(runtime, ConsentAuthorityServiceDefinition, member),
  }
  return { runtime, context }
}

export const authorityFromConfig = async (
  config: ConsentAuthorityConfig,
  overrides: RuntimeOverrides,
): Promise<{ runtime: Runtime; context: ConsentAuthorityContext }> => {
  const { runtime, common, tickets } = await open(config, 'consent-authority', authoritySchema, overrides)
  const { publicUrl, leaseMs, requestMinutes } = config
  const context: ConsentAuthorityContext = {
    ...common,
    tickets,
    identity: neighbourClient(runtime.bus, IdentityServiceDefinition),
    wakes: new Wakes(),
    publicUrl,
    leaseMs,
    requestMinutes,
  }
  return { runtime, context }
}
