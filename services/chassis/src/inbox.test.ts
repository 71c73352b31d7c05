import type { DeliverRequest, DeliverResponse, FollowingEvent } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import type { MemberId } from '@unefois/proto/ids'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from './caller.js'
import { because, stoppedClock } from './contract.fixture.js'
import { Deadline } from './deadline.js'
import { type AllConsumers, inbox, type ReceivedEvent } from './inbox.js'
import { openSchema, type TestSchema } from './postgres.fixture.js'
import type { PlainRpc } from './rpc.js'

const north: Caller = { kind: 'member', member: 'north' as MemberId, service: 'desk' }
const south: Caller = { kind: 'member', member: 'south' as MemberId, service: 'desk' }
const neighbour: Caller = { kind: 'neighbour', service: 'desk' }

let schema: TestSchema
let applied: ReceivedEvent[]
let together: number[][]
let commits: number
beforeAll(async () => {
  schema = await openSchema()
  await schema.postgres.query('CREATE TABLE applied (sender text, topic text, n int)')
})
afterAll(() => schema.close())
beforeEach(async () => {
  await schema.postgres.query('TRUNCATE applied, inbox_position')
  applied = []
  together = []
  commits = 0
})

const consumers: AllConsumers = {
  'desk.thing-happened.v1': {
    isSender: (caller) => caller.kind === 'neighbour' || (caller.kind === 'member' && caller.member === 'north'),
    apply: async (event, tx) => {
      await tx.query('INSERT INTO applied VALUES ($1, $2, $3)', [event.sender, 'things', event.position])
      if (event.data.toString() === 'fail') throw new Error('cannot be applied')
      applied.push(event)
    },
  },
  'desk.things-counted.v1': {
    isSender: (caller) => caller.kind === 'member' && caller.member === 'north',
    applyTogether: async (events, tx) => {
      for (const { position } of events) await tx.query('INSERT INTO applied VALUES ($1, $2, $3)', ['', '', position])
      if (events.some(({ data }) => data.toString() === 'fail')) throw new Error('cannot be applied')
      together.push(events.map(({ position }) => position))
    },
  },
}
const positionsKept = async (): Promise<number[]> =>
  (await schema.postgres.query<{ n: number }>('SELECT n FROM applied ORDER BY n')).rows.map(({ n }) => n)
const rpc = (pool = schema.postgres) =>
  inbox(pool, consumers, () => {
    commits++
  }).deliver as PlainRpc<DeliverRequest, DeliverResponse>
const event = (position: number, change: Partial<DeliverRequest> = {}): DeliverRequest => ({
  eventId: '0b0e7a1c-6a8e-4d0e-8f7e-0c3c3c3c3c3c',
  type: 'desk.thing-happened.v1',
  topic: 'things',
  position,
  data: Buffer.from(`event ${position}`),
  occurredAtMs: 1_800_000_000_000,
  following: [],
  ...change,
})
/** Events that come in one request, of these types (or all of the one that is applied by itself), some of which fail. */
const several = (position: number, texts: readonly string[], type = 'desk.thing-happened.v1'): DeliverRequest => {
  const [first, ...following] = texts.map((text, at) => event(position + at, { data: Buffer.from(text), type }))
  return { ...(first as DeliverRequest), following }
}
const deliver = (request: DeliverRequest, caller: Caller = north, pool = schema.postgres) =>
  rpc(pool).handle(request, { caller, deadline: Deadline.after(1000, stoppedClock()), door: 'mesh' })
const isValid = (request: DeliverRequest): boolean => rpc().request.safeParse(request).success

describe('the inbox', () => {
  it.each<[string, Partial<DeliverRequest>]>([
    ['an id that is no UUID', { eventId: 'one' }],
    ['no type', { type: '' }],
    ['a type that is no name', { type: 'a b' }],
    ['no topic', { topic: '' }],
    ['a topic with a NUL', { topic: 'a\0b' }],
    ['a topic without end', { topic: 'x'.repeat(101) }],
    ['no position', { position: 0 }],
    ['a fraction of a position', { position: 1.5 }],
    ['no time', { occurredAtMs: 0 }],
    ['a following event without a type', { following: [event(2, { type: '' })] }],
    ['more events than fifty', { following: Array.from({ length: 50 }, () => event(2)) }],
  ])('refuses %s', (_, change) => {
    expect(isValid(event(1))).toBe(true)
    expect(isValid(event(1, change))).toBe(false)
  })

  it.each(['desk.unheard-of.v1', 'constructor', '__proto__', 'toString'])(
    'refuses the type %s, which nobody hears',
    async (type) => {
      await expect(deliver(event(1, { type }))).rejects.toMatchObject(because('METHOD_UNKNOWN'))
    },
  )

  it.each<[string, Caller]>([
    ['a foreign member', south],
    ['a person', { ...north, kind: 'person' } as never],
    ['nobody', { kind: 'anyone' }],
  ])('refuses %s as a sender', async (_, caller) => {
    await expect(deliver(event(1), caller)).rejects.toMatchObject(because('CALLER_NOT_ALLOWED'))
    expect((await schema.postgres.query('SELECT 1 FROM inbox_position')).rowCount).toBe(0)
  })

  it('answers UNAVAILABLE to a gap, so that the sender comes back with what is missing', async () => {
    await deliver(event(1))
    await expect(deliver(event(3))).rejects.toMatchObject(because('UNAVAILABLE'))
    await deliver(event(2))
    await deliver(event(3))
    expect(applied.map(({ position }) => position)).toEqual([1, 2, 3])
  })

  it('keeps nothing of an event whose consumer fails, and takes it again later', async () => {
    await expect(deliver(event(1, { data: Buffer.from('fail') }))).rejects.toThrow('cannot be applied')
    expect((await schema.postgres.query('SELECT 1 FROM applied')).rowCount).toBe(0)
    expect(commits).toBe(0)
    expect(await deliver(event(1))).toEqual({ wasKnown: false, appliedUpTo: 1 })
  })

  it.each<[string, string, Caller]>([
    ['that nobody hears', 'desk.unheard-of.v1', north],
    ['that is not for its sender to tell', 'desk.things-counted.v1', neighbour],
  ])('applies what comes before an event %s, and refuses that one alone', async (_, type, sender) => {
    const first = { ...several(1, ['a']), following: [event(2, { type }), event(3)] }
    expect(await deliver(first, sender)).toEqual({ wasKnown: false, appliedUpTo: 1 })
    const refused = sender === north ? 'METHOD_UNKNOWN' : 'CALLER_NOT_ALLOWED'
    const second = { ...event(2, { type }), following: [event(3)] }
    await expect(deliver(second, sender)).rejects.toMatchObject(because(refused))
    expect(await positionsKept()).toEqual([1])
  })

  it.each(['desk.thing-happened.v1', 'desk.things-counted.v1'])(
    'keeps of several %s what comes before the one that fails, and says so',
    async (type) => {
      expect(await deliver(several(1, ['a', 'b', 'fail', 'd'], type))).toEqual({ wasKnown: false, appliedUpTo: 2 })
      expect(await positionsKept()).toEqual([1, 2])
      expect(commits).toBe(1)
      await expect(deliver(several(3, ['fail', 'd'], type))).rejects.toThrow('cannot be applied')
      expect(await deliver(several(3, ['c', 'd'], type))).toEqual({ wasKnown: false, appliedUpTo: 4 })
      expect(await positionsKept()).toEqual([1, 2, 3, 4])
    },
  )

  it('applies together only what follows each other and takes it so', async () => {
    const counted = several(1, ['a', 'b', 'c', 'd', 'e'], 'desk.things-counted.v1')
    const [b, c, d, e] = counted.following
    const happened = { ...(c as FollowingEvent), type: 'desk.thing-happened.v1' }
    const mixed = { ...counted, following: [b, happened, d, e] as FollowingEvent[] }
    expect(await deliver(mixed)).toEqual({ wasKnown: false, appliedUpTo: 5 })
    expect(together).toEqual([
      [1, 2],
      [4, 5],
    ])
    expect(applied.map(({ position }) => position)).toEqual([3])
  })

  it('answers UNAVAILABLE to several after a gap', async () => {
    await expect(deliver(several(2, ['b', 'c']))).rejects.toMatchObject(because('UNAVAILABLE'))
  })

  it('applies of several only what it did not know', async () => {
    await deliver(several(1, ['a', 'b'], 'desk.things-counted.v1'))
    expect(await deliver(several(1, ['a', 'b', 'c'], 'desk.things-counted.v1'))).toEqual({
      wasKnown: false,
      appliedUpTo: 3,
    })
    expect(await deliver(several(2, ['b', 'c'], 'desk.things-counted.v1'))).toEqual({ wasKnown: true, appliedUpTo: 3 })
    expect(together).toEqual([[1, 2], [3]])
  })

  it('says of a second delivery that it was known, and applies it once', async () => {
    expect(await deliver(event(1))).toEqual({ wasKnown: false, appliedUpTo: 1 })
    expect(await deliver(event(1))).toEqual({ wasKnown: true, appliedUpTo: 1 })
    expect(applied).toHaveLength(1)
    expect(commits).toBe(1)
  })

  it('keeps an order for each sender and topic', async () => {
    await deliver(event(1), north)
    await deliver(event(1), neighbour)
    await deliver(event(1, { topic: 'others' }), north)
    expect(applied.map(({ sender }) => sender)).toEqual(['north/desk', 'desk', 'north/desk'])
  })

  it('applies once what comes eight times at the same moment through two processes', async () => {
    const other = schema.open()
    for (let position = 1; position <= 20; position++) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, n) => deliver(event(position), north, n % 2 ? other : schema.postgres)),
      )
      expect(answers.filter(({ wasKnown }) => !wasKnown)).toHaveLength(1)
    }
    expect((await schema.postgres.query('SELECT 1 FROM applied')).rowCount).toBe(20)
  })

  it('gives its consumer the bytes as they came, any bytes', async () => {
    const data = Buffer.from([0, 1, 2, 0, 255])
    await deliver(event(1, { data }))
    expect(applied[0]?.data).toEqual(data)
  })

  it('ends where the sender ended, whatever is lost, repeated, overtaken or told together on the way', async () => {
    const arrival = fc.record({
      position: fc.integer({ min: 1, max: 6 }),
      count: fc.integer({ min: 1, max: 4 }),
      type: fc.constantFrom('desk.thing-happened.v1', 'desk.things-counted.v1'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { maxLength: 15 }), async (arrivals) => {
        await schema.postgres.query('TRUNCATE applied, inbox_position')
        for (const { position, count, type } of arrivals)
          await deliver(
            several(
              position,
              Array.from({ length: Math.min(count, 7 - position) }, () => 'x'),
              type,
            ),
          ).catch(() => undefined)
        for (let position = 1; position <= 6; position++) await deliver(event(position))
        expect(await positionsKept()).toEqual([1, 2, 3, 4, 5, 6])
      }),
      { numRuns: 20 },
    )
  })
})
