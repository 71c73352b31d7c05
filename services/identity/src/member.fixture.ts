import { systemClock } from '@unefois/chassis/clock'
import type { Consumers } from '@unefois/chassis/inbox'
import { inbox } from '@unefois/chassis/inbox'
import { createLog } from '@unefois/chassis/log'
import { Outbox } from '@unefois/chassis/outbox'
import type { Postgres } from '@unefois/chassis/postgres'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { DeliverRequest, DeliverResponse } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import type { MemberId } from '@unefois/proto/ids'
import { type AuthorityFixture, ask, callBy } from './authority.fixture.js'
import type { Keeper } from './domain/identity-event.js'
import { identityConsumers } from './events/on-identity-changed.js'
import { federationFixture, members } from './federation.fixture.js'
import { openSchema } from './postgres.fixture.js'
import { listIdentityEvents } from './rpc/list-identity-events.js'
import { agencyMigrations } from './store/migrations.js'

export const system = callBy({ kind: 'system', clientId: 'desk', scopes: ['identity:enrol'] })

/** What a member's identity service keeps, with its real inbox and without the bus before it. */
export interface MemberFixture {
  readonly postgres: Postgres
  readonly consumers: Consumers
  readonly outbox: Outbox
  /** Whether the member can be reached. */
  isUp: boolean
  deliver(request: DeliverRequest, sender?: { member: MemberId; service: string }): Promise<DeliverResponse>
  events(pageToken?: string, pageSize?: number): ReturnType<ReturnType<typeof listIdentityEvents>['handle']>
}

export const openMember = async (forwardsTo: readonly Keeper[] = []): Promise<MemberFixture> => {
  const postgres = await openSchema(agencyMigrations)
  const outbox = new Outbox(postgres, systemClock, createLog({ member: 'member', service: 'identity' }, 'silent'))
  const consumers = identityConsumers({ federation: { current: federationFixture() }, outbox, forwardsTo })
  const { deliver } = inbox(postgres, consumers, () => undefined)
  const fixture: MemberFixture = {
    postgres,
    consumers,
    outbox,
    isUp: true,
    deliver: async (request, sender = { member: members.registry, service: 'identity-authority' }) => {
      if (!fixture.isUp) throw new Error('the member is down')
      return ask(deliver as PlainRpc<DeliverRequest, DeliverResponse>, request, callBy({ kind: 'member', ...sender }))
    },
    events: (pageToken = '', pageSize = 0) => ask(listIdentityEvents({ postgres }), { pageSize, pageToken }, system),
  }
  return fixture
}

/** Carries the authority's real outbox to the real inboxes of these members. */
export const carryTo = ({ outbox }: AuthorityFixture, to: ReadonlyMap<string, MemberFixture>): void =>
  outbox.start(async (events) => {
    const [member = ''] = events[0].receiver.split('/')
    const found = to.get(member)
    // It is told of everybody; only some tests look at what it is told.
    if (!found && member === members.consentAuthority) return events.length
    if (!found) throw new Error(`${member} has no identity service here`)
    for (const { receiver: _, data, ...event } of events)
      await found.deliver({ ...event, data: Buffer.from(data), following: [] })
    return events.length
  })
