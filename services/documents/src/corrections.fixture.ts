import { randomUUID } from 'node:crypto'
import { inbox } from '@unefois/chassis/inbox'
import type { QueuedEvent } from '@unefois/chassis/outbox'
import type { Call, EffectRpc, PlainRpc } from '@unefois/chassis/rpc'
import type { DeliverRequest, DeliverResponse } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import type { MemberId } from '@unefois/proto/ids'
import type { JsonObject } from '@unefois/proto/mask'
import { expect } from 'vitest'
import { type CorrectionStores, correctionConsumers, openCorrectionStores } from './correction-service.js'
import type { ExchangeRecord } from './domain/exchange-record.js'
import { basis, members, person, purposes, startMs, types } from './federation.fixture.js'
import { callOf, type MemberParts, openMember, type Surroundings } from './member.fixture.js'
import { record } from './record.fixture.js'

/** A member that reports, hears and answers corrections. */
export interface Correcting extends MemberParts, CorrectionStores {}

export const openCorrecting = async (id: MemberId, around?: Surroundings): Promise<Correcting> => {
  const member = await openMember(id, around)
  const { subjectKeys, accesses, received, runtime } = member
  const registerTypes = Object.keys(around?.sources ?? {})
  return {
    ...member,
    ...openCorrectionStores({ postgres: runtime.postgres, subjectKeys, accesses, received, registerTypes }),
    close: async () => {
      await runtime.outbox.stop()
      await member.close()
    },
  }
}

/** Hands an event to a member's inbox, in the name of another one. */
export const deliverTo = (
  to: Correcting,
  from: MemberId,
  event: Omit<QueuedEvent, 'id' | 'attempts' | 'isDue'>,
): Promise<DeliverResponse> => {
  const { deliver } = inbox(to.runtime.postgres, correctionConsumers(to), () => undefined)
  const { receiver: _, ...request } = { ...event, data: Buffer.from(event.data), following: [] }
  const rpc = deliver as PlainRpc<DeliverRequest, DeliverResponse>
  expect(rpc.request.safeParse(request).error).toBeUndefined()
  return rpc.handle(request, callOf({ kind: 'member', member: from, service: 'documents' }, to.clock))
}

/** Carries each member's outbox to the inbox of the other, each event twice: delivery is at least once. */
export const join = (...all: readonly Correcting[]): void => {
  const at = new Map(all.map((member) => [`${member.runtime.member}/documents`, member]))
  for (const { runtime } of all)
    runtime.outbox.start(async (events) => {
      const [{ receiver }] = events
      const to = at.get(receiver)
      if (!to) throw new Error(`${receiver} is away`)
      for (const event of events) {
        await deliverTo(to, runtime.member, event)
        const again = await deliverTo(to, runtime.member, event)
        expect(again).toEqual({ wasKnown: true, appliedUpTo: event.position })
      }
      return events.length
    })
}

/** Resolves once nothing waits in a member's outbox for this receiver. */
export const untilCarried = async ({ runtime }: Correcting, receiver: MemberId): Promise<void> => {
  runtime.outbox.wake()
  const left = async () =>
    (await runtime.postgres.query('SELECT 1 FROM outbox WHERE receiver = $1', [`${receiver}/documents`])).rowCount
  await expect.poll(left, { timeout: 10_000, interval: 5 }).toBe(0)
}

/** How many events a member's outbox was ever given. */
export const outgoing = async ({ runtime }: Correcting): Promise<number> => {
  const { rows } = await runtime.postgres.query<{ given: number }>(
    `SELECT (SELECT COALESCE(sum(position), 0)::bigint FROM outbox_position)
          + (SELECT count(*) FROM outbox WHERE position IS NULL) AS given`,
  )
  return rows[0]?.given ?? 0
}

export const system = (scope: string): Call['caller'] => ({
  kind: 'system',
  clientId: 'desk-software',
  scopes: [scope],
})

/** Runs an effect as the agency's own system would. */
export const effectOf = <Req, Res>(member: Correcting, rpc: EffectRpc<Req, Res>, request: Req): Promise<Res> => {
  expect(rpc.request.safeParse(request).error).toBeUndefined()
  return member.runtime.postgres.transaction((tx) =>
    rpc.effect(request, callOf(system('evidence:declare'), member.clock), tx),
  )
}

/** Asks as the agency's own system would. */
export const readOf = <Req, Res>(member: Correcting, rpc: PlainRpc<Req, Res>, request: Req): Promise<Res> => {
  expect(rpc.request.safeParse(request).error).toBeUndefined()
  return rpc.handle(request, callOf(system('evidence:request'), member.clock))
}

/** Declares one more version of a person's income. */
export const declareVersion = (member: MemberParts, name: string, version: number, value: JsonObject) =>
  member.runtime.postgres.transaction((tx) =>
    member.evidence.declare(
      tx,
      { subject: person(name), evidenceType: types.income },
      { value, asOfMs: startMs, related: [], declaredAtMs: startMs, supersedes: version - 1 },
    ),
  )

/** Both halves of one exchange about a person whom each end knows under a name of its own. */
export interface Exchanged {
  readonly provider: Correcting
  readonly requester: Correcting
  readonly name: string
  readonly version?: number
  readonly evidenceType?: string
  readonly half?: Partial<ExchangeRecord>
}

export const exchangeOf = async (exchanged: Exchanged): Promise<string> => {
  const { provider, requester, name, version = 1, evidenceType = types.income, half = {} } = exchanged
  const exchange_id = randomUUID()
  const common = {
    exchange_id,
    evidence_type: evidenceType,
    purpose: purposes.rate,
    mode: 'information',
    ...half,
  } as const
  const asker = {
    ...common,
    member: requester.runtime.member,
    counterparty: provider.runtime.member,
    subject: person(`${name}-there`),
    evidence_version: 0,
  }
  const { exchangeLog, received } = requester
  await exchangeLog.commit({ record: record({ ...asker, kind: 'request', outcome: 'sent' }) })
  await provider.exchangeLog.commit({
    record: record({
      ...common,
      member: provider.runtime.member,
      counterparty: requester.runtime.member,
      subject: person(name),
      evidence_version: version,
    }),
  })
  const evidence = {
    valueJson: `{"amount":${version}}`,
    version,
    asOfMs: startMs,
    predicates: [],
    keepUntilMs: startMs + 3_600_000,
  }
  await exchangeLog.commit({
    record: record({ ...asker, kind: 'receipt', evidence_version: version }),
    received: await received.seal(exchange_id, asker.subject, evidence),
  })
  return exchange_id
}

export const ownBasis = basis('own-access')
export const { provider: fund, requester: town, stranger } = members
