import { randomUUID } from 'node:crypto'
import type { Caller } from '@unefois/chassis/caller'
import { ApplicationEvent, ApplicationEventType } from '@unefois/proto/gen/unefois/eligibility/v1/application_events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase, quiet } from '../database.fixture.js'
import { members, startMs } from '../federation.fixture.js'
import { AgencyEvents } from '../store/agency-events.js'
import { onApplicationEvent } from './on-application-event.js'

let database: Database
beforeAll(async () => {
  database = await openDatabase()
})
afterAll(() => database.drop())

const consumer = onApplicationEvent({ runtime: { log: quiet } as never })
const hear = (type: ApplicationEventType, applicationId: string, of: { reviewId?: string } = {}) =>
  database.postgres.transaction((tx) =>
    consumer.apply(
      {
        sender: 'eligibility',
        type: 'eligibility.application-event.v1',
        data: ApplicationEvent.encode({ type, applicationId, reviewId: '', atMs: startMs, ...of }).finish(),
        position: 1,
        occurredAtMs: startMs + 5,
      },
      tx,
    ),
  )
const feed = async () => (await new AgencyEvents(database.postgres).after(0, [], 100)).events

describe('eligibility.application-event.v1', () => {
  it('is heard from this member’s own eligibility service only', () => {
    const callers: Caller[] = [
      { kind: 'anyone' },
      { kind: 'neighbour', service: 'consent' },
      { kind: 'member', member: members.stranger, service: 'eligibility' },
    ]
    expect(callers.map(consumer.isSender)).toEqual([false, false, false])
    expect(consumer.isSender({ kind: 'neighbour', service: 'eligibility' })).toBe(true)
  })

  it('is confirmed and forgotten where it makes no sense', async () => {
    await hear(ApplicationEventType.APPLICATION_EVENT_TYPE_UNSPECIFIED, randomUUID())
    await hear(99 as never, randomUUID())
    await hear(ApplicationEventType.APPLICATION_EVENT_TYPE_RECEIVED, 'no id')
    await hear(ApplicationEventType.APPLICATION_EVENT_TYPE_REVIEW_OPENED, randomUUID(), { reviewId: 'no id' })
    expect(await feed()).toEqual([])
  })

  it('joins the feed in its order, by the id of the application and when it happened', async () => {
    const reference = randomUUID()
    await hear(ApplicationEventType.APPLICATION_EVENT_TYPE_RECEIVED, reference)
    await hear(ApplicationEventType.APPLICATION_EVENT_TYPE_CHANGED, reference)
    await hear(ApplicationEventType.APPLICATION_EVENT_TYPE_DECIDED, reference)
    expect(await feed()).toMatchObject(
      ['application-received', 'application-changed', 'application-decided'].map((type) => ({
        type,
        reference,
        occurredAtMs: startMs,
      })),
    )
  })

  it('names a review by its own id', async () => {
    const reviewId = randomUUID()
    await hear(ApplicationEventType.APPLICATION_EVENT_TYPE_REVIEW_OPENED, randomUUID(), { reviewId })
    expect((await feed()).at(-1)).toMatchObject({ type: 'review-opened', reference: reviewId })
  })
})
