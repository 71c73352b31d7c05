import { randomUUID } from 'node:crypto'
import type { Call, StreamCall } from '@unefois/chassis/rpc'
import {
  AgencyEventType,
  type ListEventsRequest,
  type WatchEventsResponse,
} from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../clock.fixture.js'
import { type Database, openDatabase, quiet } from '../database.fixture.js'
import { eventsKeptMs, type AgencyEventType as Type } from '../domain/agency-event.js'
import type { EventNeeds } from '../event-service.js'
import { startMs } from '../federation.fixture.js'
import { FeedWakes } from '../feed-wakes.js'
import { callOf } from '../member.fixture.js'
import { AgencyEvents, addAgencyEvent } from '../store/agency-events.js'
import { listEvents } from './list-events.js'
import { watchEvents } from './watch-events.js'

let database: Database
let clock: ManualClock
let events: EventNeeds
beforeAll(async () => {
  database = await openDatabase()
})
beforeEach(async () => {
  clock = new ManualClock()
  await database.postgres.query('TRUNCATE agency_event RESTART IDENTITY')
  await database.postgres.query('UPDATE agency_event_deleted SET position = 0')
  const { postgres } = database
  events = { feed: new AgencyEvents(postgres), wakes: new FeedWakes({ postgres, log: quiet }), clock }
})
afterEach(() => events.wakes.stop())
afterAll(() => database.drop())

const caller: Call['caller'] = { kind: 'system', clientId: 'desk-software', scopes: ['events:read'] }
/** Adds an event as another process of the service would. */
const elsewhere = () => database.another(1)
const add = async (type: Type = 'contest-opened', postgres = database.postgres): Promise<string> => {
  const reference = randomUUID()
  await postgres.transaction((tx) => addAgencyEvent(tx, type, reference, startMs))
  return reference
}
const list = (given: Partial<ListEventsRequest> = {}, deadlineMs?: number) => {
  const request = { position: '', types: [], pageSize: 0, waitMs: 0, ...given }
  const { request: form, handle } = listEvents(events)
  expect(form.safeParse(request).error).toBeUndefined()
  return handle(request, callOf(caller, clock, deadlineMs))
}
const watch = (position = '', types: AgencyEventType[] = []) => {
  const ending = new AbortController()
  const call: StreamCall = { caller, door: 'grpc', ended: ending.signal }
  const messages = watchEvents(events).stream({ position, types }, call)[Symbol.asyncIterator]()
  const next = async (): Promise<WatchEventsResponse | undefined> => (await messages.next()).value
  return { end: () => ending.abort(), next }
}

describe('ListEvents', () => {
  it('refuses what is no position, no event type or too long a wait as it reads the request', () => {
    const { request } = listEvents(events)
    const usual = { position: '', types: [], pageSize: 0, waitMs: 0 }
    expect(request.safeParse(usual).success).toBe(true)
    for (const given of [{ position: '-1' }, { position: 'x' }, { types: [0] }, { types: [99] }, { waitMs: 30_001 }])
      expect(request.safeParse({ ...usual, ...given }).success).toBe(false)
  })

  it('refuses a position whose events are kept no longer', async () => {
    await add()
    await add()
    await events.feed.deleteEnded(startMs + eventsKeptMs)
    await expect(list({ position: '1' })).rejects.toMatchObject({ reason: 'POSITION_TOO_OLD' })
  })

  it('answers nothing at once, or when the wait is over, with the position to go on from', async () => {
    expect(await list()).toEqual({ events: [], position: '' })
    expect(await list({ position: '7', waitMs: 20 })).toEqual({ events: [], position: '7' })
    expect(await list({ waitMs: 30_000 }, 220)).toEqual({ events: [], position: '' })
  })

  it('answers what comes while it waits, whichever process adds it', async () => {
    const waiting = list({ waitMs: 30_000 })
    const reference = await add('evidence-changed', elsewhere())
    expect(await waiting).toMatchObject({
      events: [{ reference, type: AgencyEventType.AGENCY_EVENT_TYPE_EVIDENCE_CHANGED, position: '1' }],
      position: '1',
    })
  })

  it('goes on waiting where only other types come, and is answered as the process ends', async () => {
    const types = [AgencyEventType.AGENCY_EVENT_TYPE_ANSWER_ARRIVED]
    const waiting = list({ waitMs: 30_000, types })
    await add()
    const reference = await add('answer-arrived')
    expect(await waiting).toMatchObject({ events: [{ reference }], position: '2' })
    const interrupted = list({ position: '2', waitMs: 30_000, types })
    await events.wakes.stop()
    expect(await interrupted).toEqual({ events: [], position: '2' })
  })
})

describe('WatchEvents', () => {
  it('refuses a position whose events are kept no longer', async () => {
    await add()
    await add()
    await events.feed.deleteEnded(startMs + eventsKeptMs)
    await expect(watch('1').next()).rejects.toMatchObject({ reason: 'POSITION_TOO_OLD' })
  })

  it('sends what is there after a position, then what comes, and ends with the position to go on from', async () => {
    const references = [await add(), await add(), await add()]
    const stream = watch('1')
    expect(await stream.next()).toMatchObject({ position: '2', event: { reference: references[1] } })
    expect(await stream.next()).toMatchObject({ position: '3', event: { reference: references[2] } })
    const waiting = stream.next()
    const later = await add('evidence-changed', elsewhere())
    expect(await waiting).toMatchObject({ position: '4', event: { reference: later } })
    const last = stream.next()
    stream.end()
    expect([await last, await stream.next()]).toEqual([{ position: '4' }, undefined])
  })

  it('misses none of more events than fit into a page', async () => {
    for (let at = 0; at < 230; at++) await add()
    const stream = watch()
    const positions: number[] = []
    for (let at = 0; at < 230; at++) positions.push(Number((await stream.next())?.position))
    expect(positions).toEqual(Array.from({ length: 230 }, (_, at) => at + 1))
    const last = stream.next()
    stream.end()
    expect(await last).toEqual({ position: '230' })
  })

  it('says how far it has looked, though nothing of what was asked for comes', async () => {
    const stream = watch('', [AgencyEventType.AGENCY_EVENT_TYPE_ANSWER_ARRIVED])
    expect(await stream.next()).toEqual({ position: '' })
    const waiting = stream.next()
    clock.advance(15_000)
    await add()
    expect(await waiting).toEqual({ position: '1' })
    stream.end()
  })

  it('goes on after its database session was lost', async () => {
    const stream = watch()
    expect(await stream.next()).toEqual({ position: '' })
    const waiting = stream.next()
    const reference = await database.postgres.transaction(async (tx) => {
      const added = randomUUID()
      await addAgencyEvent(tx, 'contest-opened', added, startMs)
      await tx.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`,
      )
      return added
    })
    expect(await waiting).toMatchObject({ position: '1', event: { reference } })
    stream.end()
  })
})
