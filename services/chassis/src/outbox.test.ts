import { MeshError } from '@unefois/proto/reasons'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { because, readableLog, stoppedClock } from './contract.fixture.js'
import { type Courier, Outbox, type OutgoingEvent, type QueuedEvent } from './outbox.js'
import { mostAtOnce } from './outbox-table.js'
import { cutConnections, deferred, openSchema, type TestSchema } from './postgres.fixture.js'

let schema: TestSchema
const running: Outbox[] = []
beforeAll(async () => {
  schema = await openSchema()
})
afterAll(() => schema.close())
beforeEach(() => schema.postgres.query('TRUNCATE outbox, outbox_position'))
afterEach(() => Promise.all(running.splice(0).map((outbox) => outbox.stop())))

const opened = (pool = schema.postgres, log = readableLog().log): Outbox => {
  const outbox = new Outbox(pool, stoppedClock(), log)
  running.push(outbox)
  return outbox
}
const event = (text: string, receiver = 'north/desk', topic = 'things'): OutgoingEvent => ({
  receiver,
  topic,
  type: 'desk.thing-happened.v1',
  data: Buffer.from(text),
})
const add = (outbox: Outbox, ...events: OutgoingEvent[]) => schema.postgres.transaction((tx) => outbox.add(tx, events))
const left = async (): Promise<number> => (await schema.postgres.query('SELECT 1 FROM outbox')).rowCount ?? 0
const untilLeft = (count: number) => expect.poll(left, { timeout: 10_000, interval: 5 }).toBe(count)
const textOf = (carried: QueuedEvent): string => Buffer.from(carried.data).toString()
/** What waits is due at once: the database's clock is not ours to move. */
const due = async (outbox: Outbox): Promise<void> => {
  await schema.postgres.query('UPDATE outbox SET due_at = now()')
  outbox.wake()
}

/** A receiver that can be down; remembers what it got, in order, and how many deliveries were under way at once. */
const receiver = () => {
  const got: string[] = []
  const seen = { got, isDown: false, tries: 0, most: 0 }
  let underWay = 0
  const courier: Courier = async (carried) => {
    seen.tries++
    seen.most = Math.max(seen.most, ++underWay)
    await new Promise((resolve) => setImmediate(resolve))
    underWay--
    if (seen.isDown) throw new MeshError('UNAVAILABLE')
    got.push(...carried.map(textOf))
    return carried.length
  }
  return Object.assign(seen, { courier })
}

describe('adding', () => {
  it('refuses an event so large that it could never be sealed', async () => {
    const huge = { ...event(''), data: Buffer.alloc(96 * 1024 + 1) }
    await expect(add(opened(), huge)).rejects.toMatchObject(because('REQUEST_TOO_LARGE'))
    expect(await left()).toBe(0)
  })

  it('waits for no other transaction that adds to the same orders, in whichever order they are named', async () => {
    const outbox = opened()
    const mixed = [event('a', 'south/desk'), event('b', 'north/desk'), event('c', 'south/desk'), event('d', 'desk')]
    await add(outbox, ...mixed)
    const [isAdded, gate] = [deferred(), deferred()]
    const slow = schema.postgres.transaction(async (tx) => {
      await outbox.add(tx, mixed)
      isAdded.resolve()
      await gate.promise
    })
    await isAdded.promise
    await Promise.all(Array.from({ length: 12 }, (_, n) => add(outbox, ...(n % 2 ? mixed : [...mixed].reverse()))))
    gate.resolve()
    await slow
    expect(await left()).toBe(14 * 4)
  })

  it('is undone with its transaction, and leaves no gap', async () => {
    const outbox = opened()
    const got: QueuedEvent[] = []
    const refused = schema.postgres.transaction(async (tx) => {
      await outbox.add(tx, [event('a'), event('b')])
      throw new Error('refused')
    })
    await expect(refused).rejects.toThrow('refused')
    await add(outbox, event('c'))
    outbox.start(async (carried) => got.push(...carried))
    await untilLeft(0)
    expect(got.map((each) => [textOf(each), each.position])).toEqual([['c', 1]])
  })

  it('carries any bytes, NUL and the largest allowed among them', async () => {
    const data = Buffer.alloc(96 * 1024, 7)
    data[0] = 0
    const got: QueuedEvent[] = []
    const outbox = opened()
    await add(outbox, { ...event(''), data })
    outbox.start(async (carried) => got.push(...carried))
    await untilLeft(0)
    expect(Buffer.from(got[0]?.data ?? []).equals(data)).toBe(true)
    expect(got[0]).toMatchObject({ position: 1, occurredAtMs: 1_800_000_000_000, type: 'desk.thing-happened.v1' })
  })
})

describe('positions', () => {
  /** A transaction that has added an event and is committed when the test says so. */
  const uncommitted = async (outbox: Outbox, text: string): Promise<() => Promise<void>> => {
    const [isAdded, gate] = [deferred(), deferred()]
    const done = schema.postgres.transaction(async (tx) => {
      await outbox.add(tx, [event(text)])
      isAdded.resolve()
      await gate.promise
    })
    await isAdded.promise
    return () => {
      gate.resolve()
      return done
    }
  }

  it('follow each other without a gap while many transactions add and some fail, across processes', async () => {
    const got: QueuedEvent[] = []
    const outboxes = [opened(schema.open()), opened(schema.open())] as const
    for (const outbox of outboxes) outbox.start(async (carried) => got.push(...carried) && carried.length)
    await Promise.allSettled(
      Array.from({ length: 80 }, (_, n) => {
        const outbox = outboxes[(n % 2) as 0 | 1]
        return schema.postgres
          .transaction(async (tx) => {
            await outbox.add(tx, [event(`${n}`), event(`${n}'`)])
            if (n % 4 === 0) throw new Error('refused')
          })
          .finally(() => outbox.wake())
      }),
    )
    await untilLeft(0)
    expect(got.map(({ position }) => position)).toEqual(Array.from({ length: 120 }, (_, n) => n + 1))
    for (let n = 0; n < 80; n++) {
      const [first, second] = [`${n}`, `${n}'`].map((text) => got.findIndex((each) => textOf(each) === text))
      if (n % 4 === 0) expect([first, second]).toEqual([-1, -1])
      else expect(second).toBeGreaterThan(first ?? Number.NaN)
    }
  })

  it('come to what was committed late after what was carried before it', async () => {
    const got: QueuedEvent[] = []
    const outbox = opened()
    const commit = await uncommitted(outbox, 'late')
    await add(outbox, event('first'))
    outbox.start(async (carried) => got.push(...carried))
    await untilLeft(0)
    await commit()
    outbox.wake()
    await expect.poll(() => got.length).toBe(2)
    expect(got.map((each) => [textOf(each), each.position])).toEqual([
      ['first', 1],
      ['late', 2],
    ])
  })

  it('stay what they were when somebody may have heard of them, whatever is committed meanwhile', async () => {
    const got: (readonly [string, number])[] = []
    let isDown = true
    const outbox = opened()
    const commit = await uncommitted(outbox, 'late')
    await add(outbox, event('first'))
    outbox.start(async (carried) => {
      got.push(...carried.map((each) => [textOf(each), each.position] as const))
      if (isDown) throw new MeshError('UNAVAILABLE')
      return carried.length
    })
    await expect.poll(() => got).toEqual([['first', 1]])
    await commit()
    isDown = false
    await due(outbox)
    await untilLeft(0)
    expect(got.slice(-2)).toEqual([
      ['first', 1],
      ['late', 2],
    ])
  })

  it('that were given when an event was added come before all others', async () => {
    const got: QueuedEvent[] = []
    const outbox = opened()
    await add(outbox, event('new'))
    // As a process of the version before adds one.
    await schema.postgres.query(
      `INSERT INTO outbox_position VALUES ('north/desk', 'things', 7);
       INSERT INTO outbox (event_id, receiver, topic, position, type, data, occurred_at_ms)
       VALUES (gen_random_uuid(), 'north/desk', 'things', 7, 't', 'old', 1)`,
    )
    outbox.start(async (carried) => got.push(...carried))
    await untilLeft(0)
    expect(got.map((each) => [textOf(each), each.position])).toEqual([
      ['old', 7],
      ['new', 8],
    ])
  })
})

describe('carrying', () => {
  it('hands over together what follows each other in one order, at most fifty, and no more than a message holds', async () => {
    const north: Courier = async (carried) => {
      portions.push(carried.map(({ position }) => position))
      return carried.length
    }
    const portions: number[][] = []
    const outbox = opened()
    const half = { ...event(''), data: Buffer.alloc(48 * 1024) }
    await add(outbox, half, half, event('small'), ...Array.from({ length: mostAtOnce }, () => event('further')))
    outbox.start(north)
    await untilLeft(0)
    expect(portions.map((each) => [each[0], each.length])).toEqual([
      [1, 1],
      [2, mostAtOnce - 1],
      [mostAtOnce + 1, 3],
    ])
  })

  it('keeps the order of each receiver and topic, over several batches', async () => {
    const north = receiver()
    const outbox = opened()
    const texts = Array.from({ length: 120 }, (_, n) => `${n}`)
    await add(outbox, ...texts.map((text) => event(text)))
    outbox.start(north.courier)
    await untilLeft(0)
    expect(north.got).toEqual(texts)
    expect(north.most).toBe(1)
  })

  it('finds without a sweep what is committed while it carries', async () => {
    const north = receiver()
    const outbox = opened()
    outbox.start(north.courier)
    for (let n = 0; n < 30; n++) {
      await add(outbox, event(`${n}`))
      outbox.wake()
    }
    await untilLeft(0)
    expect(north.got).toEqual(Array.from({ length: 30 }, (_, n) => `${n}`))
  })

  it('tries again after a failure, later each time, and recovers', async () => {
    const north = receiver()
    const outbox = opened()
    north.isDown = true
    await add(outbox, event('a'))
    outbox.start(north.courier)
    const waits: number[] = []
    for (let attempts = 1; attempts <= 4; attempts++) {
      const read = async () =>
        (
          await schema.postgres.query<{ attempts: number; wait: number }>(
            'SELECT attempts, extract(epoch FROM due_at - now())::float8 AS wait FROM outbox',
          )
        ).rows[0]
      await expect.poll(async () => (await read())?.attempts, { interval: 5 }).toBe(attempts)
      waits.push((await read())?.wait ?? 0)
      if (attempts < 4) await due(outbox)
    }
    expect(waits[3]).toBeGreaterThan(1)
    expect(waits[3]).toBeGreaterThan((waits[2] ?? 0) * 1.5)
    north.isDown = false
    await due(outbox)
    await untilLeft(0)
    expect(north.got).toEqual(['a'])
  })

  it('never waits longer than a minute', async () => {
    const north = receiver()
    const outbox = opened()
    north.isDown = true
    await add(outbox, event('a'))
    await schema.postgres.query('UPDATE outbox SET attempts = 1000')
    outbox.start(north.courier)
    await expect.poll(() => north.tries).toBe(1)
    await outbox.stop()
    const { rows } = await schema.postgres.query<{ wait: number }>(
      'SELECT extract(epoch FROM due_at - now())::float8 AS wait FROM outbox',
    )
    expect(rows[0]?.wait).toBeGreaterThan(50)
    expect(rows[0]?.wait).toBeLessThanOrEqual(60)
  })

  it('neither overtakes nor hurries an event that waits, when a later one is due', async () => {
    const north = receiver()
    const outbox = opened()
    await add(outbox, event('first'))
    await schema.postgres.query(`UPDATE outbox SET due_at = now() + interval '1 hour'`)
    await add(outbox, event('second'), event('elsewhere', 'south/desk'))
    outbox.start(north.courier)
    await expect.poll(() => north.got).toEqual(['elsewhere'])
    await outbox.stop()
    expect(north.tries).toBe(1)
    expect(await left()).toBe(2)
    const next = opened()
    next.start(north.courier)
    await due(next)
    await untilLeft(0)
    expect(north.got).toEqual(['elsewhere', 'first', 'second'])
  })

  it('stops an order at the event that failed and keeps what came before', async () => {
    const got: string[] = []
    let isDown = true
    const outbox = opened()
    await add(outbox, ...['a', 'b', 'c', 'd'].map((text) => event(text)))
    outbox.start(async (carried) => {
      const texts = carried.map(textOf)
      const confirmed = isDown && texts.includes('c') ? texts.slice(0, texts.indexOf('c')) : texts
      if (confirmed.length === 0) throw new MeshError('UNAVAILABLE')
      got.push(...confirmed)
      return confirmed.length
    })
    await untilLeft(2)
    expect(got).toEqual(['a', 'b'])
    isDown = false
    await due(outbox)
    await untilLeft(0)
    expect(got).toEqual(['a', 'b', 'c', 'd'])
  })

  it('goes on with all others while receivers hang, more of them than the pool has connections', async () => {
    const gate = deferred()
    const got: string[] = []
    const outbox = opened(schema.open({ poolSize: 2 }))
    await add(outbox, ...Array.from({ length: 10 }, (_, n) => event('hangs', `down${n}/desk`)))
    outbox.start(async (carried) => {
      if (textOf(carried[0]) === 'hangs') await gate.promise
      return got.push(...carried.map(textOf)) && carried.length
    })
    for (const text of ['one', 'two', 'three']) {
      await add(outbox, event(text))
      outbox.wake()
      await untilLeft(10)
    }
    expect(got).toEqual(['one', 'two', 'three'])
    gate.resolve()
    await untilLeft(0)
  })

  it('carries again what was delivered but not yet deleted when its process died', async () => {
    const got: string[] = []
    const gate = deferred()
    const dying = opened(schema.open())
    await add(dying, event('a'), event('b'))
    dying.start(async (carried) => {
      got.push(...carried.map(textOf))
      await gate.promise
      return carried.length
    })
    await expect.poll(() => got).toEqual(['a', 'b'])
    // The death of a process, as its peers see it: its connections are gone, its deletion never comes.
    await cutConnections(schema)
    const successor = opened(schema.open())
    const again: QueuedEvent[] = []
    successor.start(async (carried) => again.push(...carried))
    await untilLeft(0)
    expect(again.map(textOf)).toEqual(['a', 'b'])
    expect(again.map(({ position }) => position)).toEqual([1, 2])
    gate.resolve()
  })

  it('lets several processes share a table: each event once, in order, one at a time', async () => {
    const north = receiver()
    const outboxes = [opened(schema.open()), opened(schema.open()), opened(schema.open())]
    for (const outbox of outboxes) outbox.start(north.courier)
    for (let n = 0; n < 60; n++) {
      await add(outboxes[n % 3] as Outbox, event(`${n}`))
      for (const outbox of outboxes) outbox.wake()
    }
    await untilLeft(0)
    await Promise.all(outboxes.map((outbox) => outbox.stop()))
    expect(north.got).toEqual(Array.from({ length: 60 }, (_, n) => `${n}`))
    expect(north.most).toBe(1)
  })

  it('is not held up by another schema that carries an order of the same name', async () => {
    const another = await openSchema()
    const [gate, started] = [deferred(), deferred()]
    const slow = new Outbox(another.postgres, stoppedClock(), readableLog().log)
    await another.postgres.transaction((tx) => slow.add(tx, [event('theirs')]))
    slow.start(async (carried) => {
      started.resolve()
      await gate.promise
      return carried.length
    })
    await started.promise
    const north = receiver()
    const outbox = opened()
    await add(outbox, event('ours'))
    outbox.start(north.courier)
    await untilLeft(0)
    gate.resolve()
    await slow.stop()
    await another.close()
  })

  it('goes on by itself after the database was away', async () => {
    const north = receiver()
    const outbox = opened(schema.open())
    await add(outbox, event('before'))
    outbox.start(north.courier)
    await untilLeft(0)
    await cutConnections(schema)
    await add(outbox, event('after'))
    await vi.waitFor(async () => {
      outbox.wake()
      expect(await left()).toBe(0)
    })
    expect(north.got).toEqual(['before', 'after'])
  })

  it('finishes the delivery under way when it stops, and begins no other', async () => {
    const [gate, started] = [deferred(), deferred()]
    const got: string[] = []
    const outbox = opened()
    const texts = Array.from({ length: mostAtOnce + 1 }, (_, n) => `${n}`)
    await add(outbox, ...texts.map((text) => event(text)))
    outbox.start(async (carried) => {
      started.resolve()
      await gate.promise
      got.push(...carried.map(textOf))
      return carried.length
    })
    await started.promise
    const stopped = outbox.stop()
    gate.resolve()
    await stopped
    expect(got).toEqual(texts.slice(0, mostAtOnce))
    expect(await left()).toBe(1)
  })

  it('logs a failure with receiver, type and reason, and nothing of what the event says', async () => {
    const { log, text } = readableLog()
    const outbox = opened(schema.postgres, log)
    await add(outbox, event('Jeanne Dupont'))
    outbox.start(async () => {
      throw new MeshError('PROVIDER_UNREACHABLE')
    })
    await vi.waitFor(() => expect(text()).toContain('PROVIDER_UNREACHABLE'))
    expect(text()).not.toContain('Dupont')
    expect(text()).toContain('north/desk')
  })
})
