import { randomUUID } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../database.fixture.js'
import { type AgencyEventType, eventsKeptMs } from '../domain/agency-event.js'
import { startMs } from '../federation.fixture.js'
import { AgencyEvents, addAgencyEvent } from './agency-events.js'

const database: Database = await openDatabase()
const { postgres } = database
const feed = new AgencyEvents(postgres)
afterAll(() => database.drop())
beforeEach(async () => {
  await postgres.query('TRUNCATE agency_event RESTART IDENTITY')
  await postgres.query('UPDATE agency_event_deleted SET position = 0')
})

const add = async (type: AgencyEventType, atMs = startMs): Promise<string> => {
  const reference = randomUUID()
  await postgres.transaction((tx) => addAgencyEvent(tx, type, reference, atMs))
  return reference
}

describe('the feed of an agency', () => {
  it('refuses to go on from a position after which events were deleted, and never from its beginning', async () => {
    for (let day = 0; day < 4; day++) await add('contest-opened', startMs + day)
    expect(await feed.deleteEnded(startMs + eventsKeptMs + 1)).toBe(2)
    await expect(feed.after(1, [], 10)).rejects.toMatchObject({ reason: 'POSITION_TOO_OLD' })
    expect((await feed.after(2, [], 10)).events.map(({ position }) => position)).toEqual([3, 4])
    expect((await feed.after(0, [], 10)).events).toHaveLength(2)
    expect(await feed.deleteEnded(startMs + 2 * eventsKeptMs)).toBe(2)
    await expect(feed.after(3, [], 10)).rejects.toMatchObject({ reason: 'POSITION_TOO_OLD' })
    expect(await feed.after(4, [], 10)).toEqual({ events: [], upTo: 4 })
    expect(await feed.after(0, [], 10)).toEqual({ events: [], upTo: 4 })
  })

  it('has nothing of a transaction that is rolled back', async () => {
    const failing = postgres.transaction(async (tx) => {
      await addAgencyEvent(tx, 'contest-opened', randomUUID(), startMs)
      throw new Error('undone')
    })
    await expect(failing).rejects.toThrow('undone')
    expect((await feed.after(0, [], 10)).events).toEqual([])
  })

  it('goes on page by page, of some types or of all, and misses none', async () => {
    const references: string[] = []
    for (let at = 0; at < 5; at++)
      references.push(await add(at % 2 === 0 ? 'evidence-changed' : 'subscription-ended', startMs + at))
    const first = await feed.after(0, [], 2)
    expect(first.events).toMatchObject([
      { position: 1, type: 'evidence-changed', reference: references[0], occurredAtMs: startMs },
      { position: 2, type: 'subscription-ended', reference: references[1] },
    ])
    const rest = await feed.after(first.upTo, [], 10)
    expect(rest.events.map(({ reference }) => reference)).toEqual(references.slice(2))
    expect(await feed.after(0, ['subscription-ended'], 10)).toMatchObject({
      events: [{ position: 2 }, { position: 4 }],
      upTo: 5,
    })
    expect(await feed.after(5, ['contest-opened'], 10)).toEqual({ events: [], upTo: 5 })
  })

  it('lets nobody be read before who came first, however late that one commits', async () => {
    let begun = (): void => undefined
    let release = (): void => undefined
    const holding = new Promise<void>((resolve) => {
      begun = resolve
    })
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const first = postgres.transaction(async (tx) => {
      await addAgencyEvent(tx, 'contest-opened', randomUUID(), startMs)
      begun()
      await released
    })
    await holding
    const second = add('answer-arrived')
    const waiting = async () =>
      (
        await postgres.query(
          `SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database
           WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()`,
        )
      ).rowCount
    await expect.poll(waiting, { timeout: 10_000, interval: 5 }).toBe(1)
    expect((await feed.after(0, [], 10)).events).toEqual([])
    release()
    await Promise.all([first, second])
    expect((await feed.after(0, [], 10)).events.map(({ type }) => type)).toEqual(['contest-opened', 'answer-arrived'])
  })

  it('misses none of many writers as it goes on', async () => {
    const seen: number[] = []
    let upTo = 0
    let isWriting = true
    const writing = Promise.all(Array.from({ length: 60 }, () => add('correction-received'))).finally(() => {
      isWriting = false
    })
    while (isWriting || seen.length < 60) {
      const page = await feed.after(upTo, [], 7)
      seen.push(...page.events.map(({ position }) => position))
      upTo = page.upTo
    }
    await writing
    expect(seen).toEqual(Array.from({ length: 60 }, (_, at) => at + 1))
  })
})
