import { randomBytes } from 'node:crypto'
import { systemClock } from '@unefois/chassis/clock'
import { because, definitionOf, methodOf } from '@unefois/chassis/contract.fixture'
import { Deadline } from '@unefois/chassis/deadline'
import type { Consumers, ReceivedEvent } from '@unefois/chassis/inbox'
import { memberClient } from '@unefois/chassis/member-client'
import type { OutgoingEvent } from '@unefois/chassis/outbox'
import type { CommonConfig, Runtime } from '@unefois/chassis/runtime'
import { type RunningService, startService } from '@unefois/chassis/service'
import { CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'
import { DeliveryServiceDefinition } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import type { MemberId } from '@unefois/proto/ids'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Ground, pairOfServices, startGround } from './_chassis-fixture.js'

const [north, south] = ['north', 'south'] as [MemberId, MemberId]
const definition = definitionOf({
  ask: methodOf('Ask', { callers: [CallerKind.CALLER_KIND_NEIGHBOUR], neighbours: ['documents'] }, 'IDEMPOTENT'),
})
const type = 'consent.thing-happened.v1'

let ground: Ground
let config: { sender: CommonConfig; receiver: CommonConfig; neighbour: CommonConfig }
let sending: Runtime
let sender: RunningService
let receiver: RunningService
let applied: string[]
let commits: number
let isFailing: boolean

const consumers: Consumers = {
  [type]: {
    isSender: (caller) =>
      caller.kind === 'neighbour' ? caller.service === 'consent' : caller.kind === 'member' && caller.member === south,
    apply: async (event: ReceivedEvent) => {
      if (isFailing) throw new Error('cannot be applied')
      applied.push(`${event.sender} ${Buffer.from(event.data)}`)
    },
  },
}
const start = async (runtime: Runtime, its: CommonConfig) =>
  startService(runtime, its, {
    definition,
    implementation: { ask: { request: z.object({}), handle: async () => ({ wasKnown: true, appliedUpTo: 0 }) } },
    consumers,
    afterCommit: () => {
      commits++
    },
  })

beforeAll(async () => {
  ground = await startGround([{ id: north }, { id: south }], pairOfServices)
  config = {
    sender: await ground.config(south, 'consent'),
    receiver: await ground.config(north, 'consent'),
    neighbour: await ground.config(south, 'documents'),
  }
  sending = await ground.open(config.sender, 'consent')
  sender = await start(sending, config.sender)
  receiver = await start(await ground.open(config.receiver, 'consent'), config.receiver)
})
afterAll(async () => {
  await Promise.all([sender.stop(), receiver.stop()])
  await ground.stop()
})
beforeEach(() => {
  applied = []
  commits = 0
  isFailing = false
})

const event = (text: string, to = 'north/consent', about = type): OutgoingEvent => ({
  receiver: to,
  topic: 'things',
  type: about,
  data: Buffer.from(text),
})
const send = async (...events: OutgoingEvent[]): Promise<void> => {
  await sending.postgres.transaction((tx) => sending.outbox.add(tx, events))
  sending.outbox.wake()
}
const left = async (): Promise<{ attempts: number }[]> =>
  (await sending.postgres.query<{ attempts: number }>('SELECT attempts FROM outbox ORDER BY id')).rows
const untilLeft = (count: number) =>
  expect.poll(async () => (await left()).length, { timeout: 10_000, interval: 10 }).toBe(count)
const hurry = async (): Promise<void> => {
  await sending.postgres.query('UPDATE outbox SET due_at = now()')
  sending.outbox.wake()
}

describe('an event', () => {
  it('of a member that its consumer does not know is refused and stays', async () => {
    const forged = await ground.open(await ground.config(north, 'consent'), 'consent')
    const call = memberClient(forged, DeliveryServiceDefinition, south, 'consent').deliver(
      {
        eventId: '0b0e7a1c-6a8e-4d0e-8f7e-0c3c3c3c3c3c',
        type,
        topic: 't',
        following: [],
        position: 1,
        data: Buffer.alloc(0),
        occurredAtMs: 1,
      },
      { deadline: Deadline.after(5000, systemClock) },
    )
    await expect(call).rejects.toMatchObject(because('CALLER_NOT_ALLOWED', { caller: 'member:north/consent' }))
    await forged.close()
  })

  it('reaches another member under seal, in order, once', async () => {
    await send(...Array.from({ length: 60 }, (_, n) => event(`${n}`)))
    await untilLeft(0)
    expect(applied).toEqual(Array.from({ length: 60 }, (_, n) => `south/consent ${n}`))
    // Sixty are two messages.
    expect(commits).toBe(2)
  })

  it('as large as the outbox takes can be sealed', async () => {
    await send({ ...event(''), data: randomBytes(96 * 1024) })
    await untilLeft(0)
    expect(applied).toHaveLength(1)
  })

  it('that its receiver cannot apply stays, and those behind it wait their turn', async () => {
    isFailing = true
    await send(event('first'), event('second'))
    await expect.poll(async () => (await left()).map(({ attempts }) => attempts)).toEqual([1, 0])
    expect(applied).toEqual([])
    isFailing = false
    await hurry()
    await untilLeft(0)
    expect(applied).toEqual(['south/consent first', 'south/consent second'])
  })

  it('that nobody hears holds up its own receiver only', async () => {
    await send(event('unheard', 'north/idle'), event('heard'))
    await untilLeft(1)
    expect(applied).toEqual(['south/consent heard'])
    await sending.postgres.query(`DELETE FROM outbox WHERE receiver = 'north/idle'`)
  })

  it('sent while its receiver is down arrives once that is back', async () => {
    await receiver.stop()
    await send(event('early'), event('late'))
    await expect.poll(async () => (await left())[0]?.attempts).toBeGreaterThan(0)
    receiver = await start(await ground.open(config.receiver, 'consent'), config.receiver)
    await hurry()
    await untilLeft(0)
    expect(applied).toEqual(['south/consent early', 'south/consent late'])
  })

  it('whose receipt was lost is known when it comes again', async () => {
    await send(event('once'))
    await untilLeft(0)
    const { rows } = await sending.postgres.query<{ position: number }>(
      `SELECT position FROM outbox_position WHERE receiver = 'north/consent'`,
    )
    await sending.postgres.query(
      `INSERT INTO outbox (event_id, receiver, topic, position, type, data, occurred_at_ms)
       VALUES (gen_random_uuid(), 'north/consent', 'things', $1, $2, 'once', 1)`,
      [rows[0]?.position, type],
    )
    await hurry()
    await untilLeft(0)
    expect(applied).toEqual(['south/consent once'])
    expect(commits).toBe(1)
  })

  it('reaches a neighbour at home, without a seal', async () => {
    const neighbour = await start(await ground.open(config.neighbour, 'documents'), config.neighbour)
    await send(event('at home', 'documents'))
    await untilLeft(0)
    expect(applied).toEqual(['consent at home'])
    await neighbour.stop()
  })
})
