import { inbox } from '@unefois/chassis/inbox'
import type { QueuedEvent } from '@unefois/chassis/outbox'
import type { EffectRpc, PlainRpc } from '@unefois/chassis/rpc'
import { ExchangeMode } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { DeliverRequest, DeliverResponse } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import type {
  OpenSubscriptionRequest,
  SubscribeToChangesRequest,
} from '@unefois/proto/gen/unefois/documents/v1/changes'
import type { MemberId } from '@unefois/proto/ids'
import type { JsonObject } from '@unefois/proto/mask'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { expect } from 'vitest'
import { changeConsumers } from './change-service.js'
import {
  authorisation,
  basis,
  members,
  notice,
  person,
  proactiveUse,
  purposes,
  signedList,
  startMs,
  ticket,
  types,
} from './federation.fixture.js'
import { callFrom, callOf, type MemberParts, openMember, type Surroundings } from './member.fixture.js'
import { declareEvidence } from './rpc/declare-evidence.js'
import { openSubscription } from './rpc/open-subscription.js'
import { AgencyEvents } from './store/agency-events.js'

/** What the provider lets the requester hear of, and one use of each mode that it does not. */
export const changesTold = [
  authorisation({ changesTold: true }),
  authorisation({ changesTold: true, evidenceType: types.household }),
  authorisation({ changesTold: true, purpose: purposes.card, mode: 'consent', fields: ['amount'], predicates: [] }),
  authorisation({ changesTold: true, purpose: purposes.found, mode: 'proactive', fields: ['amount'], predicates: [] }),
  authorisation({ purpose: purposes.grant, mode: 'explicit-request', fields: ['amount', 'year'] }),
  authorisation({ purpose: purposes.card, mode: 'consent', evidenceType: types.household }),
]

const modes = {
  [purposes.rate]: ExchangeMode.EXCHANGE_MODE_INFORMATION,
  [purposes.card]: ExchangeMode.EXCHANGE_MODE_CONSENT,
  [purposes.found]: ExchangeMode.EXCHANGE_MODE_PROACTIVE,
} as const
export type Use = keyof typeof modes

/** The requester's wish to be told of a person whom each end knows under a name of its own. */
export const wishFor = (
  name: string,
  purpose: Use = purposes.rate,
  given: Partial<SubscribeToChangesRequest> = {},
): SubscribeToChangesRequest => ({
  subject: person(`${name}-there`),
  provider: members.provider,
  evidenceType: types.income,
  purpose,
  procedure: 'meal-rate-2027',
  basisId: basis(`${name}.${purpose}`.replaceAll('-', '').replace('.', '-')),
  ...given,
})

/** The statement of the requester's consent service for this use; none where a consent stands behind it. */
export const statementFor = (purpose: Use, basisId: string): string => {
  if (purpose === purposes.rate) return notice({ basis: basisId as never })
  return purpose === purposes.found ? proactiveUse({ basis: basisId as never }) : ''
}

const ticketFor = (name: string, purpose: string, basisId: string, iat: number): string =>
  ticket({ sub: person(name), purpose, basis: basisId as never, iat, exp: iat + 3600 })

/** What the requester sends to the provider for a wish. */
export const openingFor = (
  name: string,
  purpose: Use,
  given: Partial<OpenSubscriptionRequest> = {},
  nowMs = startMs,
): OpenSubscriptionRequest => {
  const { basisId, evidenceType, procedure } = wishFor(name, purpose)
  return {
    evidenceType,
    purpose,
    procedure,
    basisId,
    statement: statementFor(purpose, basisId),
    ticket: ticketFor(name, purpose, basisId, Math.floor(nowMs / 1000)),
    subscriptionId: '00000000-0000-4000-8000-000000000001',
    ...given,
  }
}

/** A requester and a provider, joined by their outboxes. */
export interface Changing {
  readonly provider: MemberParts
  readonly requester: MemberParts
  /** What becomes of the next call to the provider. */
  fail(reason: Reason | undefined): void
  deliver(
    to: MemberParts,
    from: MemberId,
    event: Pick<QueuedEvent, 'topic' | 'type' | 'data' | 'position'>,
  ): Promise<DeliverResponse>
  /** Resolves once nothing waits in either outbox. */
  carried(): Promise<void>
  close(): Promise<void>
}

const deliverTo = (to: MemberParts, from: MemberId, request: DeliverRequest): Promise<DeliverResponse> => {
  const { deliver } = inbox(to.runtime.postgres, changeConsumers(to), () => undefined)
  const rpc = deliver as PlainRpc<DeliverRequest, DeliverResponse>
  expect(rpc.request.safeParse(request).error).toBeUndefined()
  return rpc.handle(request, callOf({ kind: 'member', member: from, service: 'documents' }, to.clock))
}

export const openChanging = async (around: Surroundings = {}): Promise<Changing> => {
  const provider = await openMember(members.provider, around)
  let failure: Reason | undefined
  const nameOf = (subject: string): string =>
    subject
      .split('.')
      .at(-1)
      ?.replace(/-there_*$/, '') ?? ''
  const requester: MemberParts = await openMember(members.requester, {
    identity: {
      requestTicket: async ({ subject, purpose, basisId }) => ({
        ticket: ticketFor(nameOf(subject), purpose, basisId, Math.floor(provider.clock.nowMs() / 1000)),
        expiresAtSeconds: 0,
      }),
    },
    consent: {
      getBasis: async ({ basisId }) => {
        const [name = '', of = ''] = basisId.slice(3).replace(/_+$/, '').split('-')
        const purpose = (Object.keys(modes) as Use[]).find((each) => each.replaceAll('-', '') === of) ?? purposes.rate
        return {
          subject: person(`${name}-there`),
          provider: members.provider,
          purpose,
          evidenceTypes: [types.income, types.household],
          mode: modes[purpose],
          statement: statementFor(purpose, basisId),
        }
      },
    },
    changesOf: () => ({
      openSubscription: async (request) => {
        const reason = failure
        failure = undefined
        const answer = await asMember(provider, openSubscription(provider), request)
        if (reason) throw new MeshError(reason)
        return answer
      },
    }),
  })
  for (const member of [provider, requester])
    await member.publish(signedList({ serial: 2, authorisations: changesTold }))
  provider.holdLease(3_600_000)
  const at = new Map([provider, requester].map((member) => [`${member.runtime.member}/documents`, member]))
  for (const { runtime } of [provider, requester])
    runtime.outbox.start(async (events) => {
      for (const { receiver, ...event } of events) {
        const to = at.get(receiver)
        if (!to) continue
        const request = { ...event, data: Buffer.from(event.data), following: [] }
        await deliverTo(to, runtime.member, request)
        expect(await deliverTo(to, runtime.member, request)).toEqual({ wasKnown: true, appliedUpTo: event.position })
      }
      return events.length
    })
  return {
    provider,
    requester,
    fail: (reason) => {
      failure = reason
    },
    deliver: (to, from, event) =>
      deliverTo(to, from, {
        ...event,
        data: Buffer.from(event.data),
        following: [],
        eventId: '00000000-0000-4000-8000-00000000000e',
        occurredAtMs: startMs,
      }),
    carried: async () => {
      for (const { runtime } of [provider, requester]) {
        runtime.outbox.wake()
        const left = async () => (await runtime.postgres.query('SELECT 1 FROM outbox')).rowCount
        await expect.poll(left, { timeout: 10_000, interval: 5 }).toBe(0)
      }
    },
    close: async () => {
      await Promise.all([provider, requester].map(({ runtime }) => runtime.outbox.stop()))
      await Promise.all([provider.close(), requester.close()])
    },
  }
}

/** Calls an RPC as the requester's documents would. */
export const asMember = async <Req, Res>(
  at: MemberParts,
  rpc: PlainRpc<Req, Res>,
  request: Req,
  from: MemberId = members.requester,
): Promise<Res> => {
  expect(rpc.request.safeParse(request).error).toBeUndefined()
  return rpc.handle(request, callFrom(from, at.clock))
}

const system = { kind: 'system', clientId: 'desk-software', scopes: [] } as const

/** Calls an RPC as the agency's own system would. */
export const asSystem = <Req, Res>(
  at: MemberParts,
  rpc: PlainRpc<Req, Res> | EffectRpc<Req, Res>,
  request: Req,
): Promise<Res> => {
  expect(rpc.request.safeParse(request).error).toBeUndefined()
  const call = callOf(system, at.clock)
  return 'effect' in rpc
    ? at.runtime.postgres.transaction((tx) => rpc.effect(request, call, tx))
    : rpc.handle(request, call)
}

/** Declares one more version of a person's income, as the provider's system would. */
export const declare = (
  { provider }: Changing,
  name: string,
  version: number,
  value: JsonObject,
  related: { relation: string; subject: string }[] = [],
) =>
  asSystem(provider, declareEvidence({ ...provider, clock: provider.clock }), {
    subject: person(name),
    evidenceType: types.income,
    valueJson: JSON.stringify(value),
    asOfMs: startMs,
    related,
    supersedesVersion: version - 1,
  })

/** The feed of the requester, by type, with what it refers to. */
export const feedOf = async ({ requester }: Changing): Promise<string[]> => {
  const { events } = await new AgencyEvents(requester.runtime.postgres).after(0, [], 500)
  return events.map(({ type, reference }) => `${type} ${reference}`)
}

/** What a member has on record of somebody, oldest first. */
export const onRecord = async (at: MemberParts, name: string): Promise<string[]> => {
  const found = await at.accesses.list(person(name), undefined, 100)
  return found
    .map(({ opening: { record }, receipt }) => `${record.kind} ${receipt?.record.outcome ?? record.outcome}`)
    .reverse()
}
