import type { Postgres } from '@unefois/chassis/postgres'
import type { Call, Rpc } from '@unefois/chassis/rpc'
import type { Federation } from '@unefois/proto/federation'
import type {
  GrantLeaseRequest,
  GrantLeaseResponse,
  PushConsentRequestRequest,
  PushConsentRequestResponse,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { MemberId } from '@unefois/proto/ids'
import type { ConsentContext } from './context.js'
import { ClockFixture, openDatabase, outboxOf, subjectsOf } from './database.fixture.js'
import { federationOf, keysOf } from './federation.fixture.js'
import { IdentityFixture } from './identity.fixture.js'
import { agencyMigrations } from './store/migrations.js'
import { agencySubjectTables } from './store/subject-tables.js'
import { Tickets } from './tickets.js'

/** The consent authority as a member reaches it. */
export class RemoteAuthority {
  readonly pushes: PushConsentRequestRequest[] = []
  failure: Error | undefined
  lease: (request: GrantLeaseRequest) => GrantLeaseResponse = ({ nonce }) => ({
    nonce,
    requiredPosition: 7,
    leaseMs: 10_000,
  })

  async pushConsentRequest(request: PushConsentRequestRequest): Promise<PushConsentRequestResponse> {
    if (this.failure) throw this.failure
    this.pushes.push(request)
    const requestId = Buffer.from(request.clientRequestId).toString('base64url').slice(0, 22)
    return { requestId, authorityUrl: `https://assent.example/consent/${requestId}`, expiresAtMs: 1_788_253_200_000 }
  }

  async grantLease(request: GrantLeaseRequest): Promise<GrantLeaseResponse> {
    if (this.failure) throw this.failure
    return this.lease(request)
  }
}

/** One member's consent service on a real database, with neighbours, authority and clock in hand. */
export interface AgencyFixture extends ConsentContext {
  readonly postgres: Postgres
  readonly clock: ClockFixture
  readonly identity: IdentityFixture
  readonly remote: RemoteAuthority
  readonly federation: { current: Federation }
}

export const openAgency = async (schema: string, member: MemberId): Promise<AgencyFixture> => {
  const postgres = await openDatabase(schema, agencyMigrations)
  const clock = new ClockFixture()
  const federation = { current: federationOf() }
  const remote = new RemoteAuthority()
  return {
    member,
    clock,
    postgres,
    federation,
    remote,
    outbox: outboxOf(postgres, clock),
    subjects: subjectsOf(postgres, clock, agencySubjectTables),
    statementKey: keysOf(member).statement,
    identity: new IdentityFixture(member, ['ada', 'bea']),
    authorityOf: () => remote,
    tickets: new Tickets({ member, clock, federation, sealKey: keysOf(member).seal }),
  }
}

/** Calls an RPC with an effect, in a transaction as the chain does. */
export const effect = <Req, Res>(postgres: Postgres, rpc: Rpc<Req, Res>, request: Req, call: Call): Promise<Res> =>
  'effect' in rpc
    ? postgres.transaction((tx) => rpc.effect(request, call, tx))
    : Promise.reject(new TypeError('not an effect'))
