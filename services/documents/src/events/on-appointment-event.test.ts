import { randomUUID } from 'node:crypto'
import type { Caller } from '@unefois/chassis/caller'
import { AppointmentEvent, AppointmentEventType } from '@unefois/proto/gen/unefois/appointments/v1/appointment_events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase, quiet } from '../database.fixture.js'
import { members, startMs } from '../federation.fixture.js'
import { AgencyEvents } from '../store/agency-events.js'
import { onAppointmentEvent } from './on-appointment-event.js'

let database: Database
beforeAll(async () => {
  database = await openDatabase()
})
afterAll(() => database.drop())

const consumer = onAppointmentEvent({ runtime: { log: quiet } as never })
const hear = (types: readonly AppointmentEventType[], reference: string) =>
  database.postgres.transaction((tx) =>
    consumer.applyTogether(
      types.map((type, at) => ({
        sender: 'appointments',
        type: 'appointments.appointment-event.v1',
        data: AppointmentEvent.encode({ type, reference, atMs: startMs }).finish(),
        position: at + 1,
        occurredAtMs: startMs + 5,
      })),
      tx,
    ),
  )
const feed = async () => (await new AgencyEvents(database.postgres).after(0, [], 100)).events

describe('appointments.appointment-event.v1', () => {
  it('is heard from this member’s own appointments service only', () => {
    const callers: Caller[] = [
      { kind: 'anyone' },
      { kind: 'neighbour', service: 'eligibility' },
      { kind: 'member', member: members.stranger, service: 'appointments' },
    ]
    expect(callers.map(consumer.isSender)).toEqual([false, false, false])
    expect(consumer.isSender({ kind: 'neighbour', service: 'appointments' })).toBe(true)
  })

  it('is confirmed and forgotten where it makes no sense', async () => {
    await hear([AppointmentEventType.APPOINTMENT_EVENT_TYPE_UNSPECIFIED, 99 as never], randomUUID())
    await hear([AppointmentEventType.APPOINTMENT_EVENT_TYPE_BOOKED], 'no id')
    expect(await feed()).toEqual([])
  })

  it('joins the feed in its order, by the id of what happened and when', async () => {
    const reference = randomUUID()
    const { UNRECOGNIZED: _, APPOINTMENT_EVENT_TYPE_UNSPECIFIED: __, ...types } = AppointmentEventType
    await hear(Object.values(types), reference)
    expect(await feed()).toMatchObject(
      [
        ...['appointment-booked', 'appointment-moved', 'appointment-cancelled', 'appointment-reminder-due'],
        ...['slot-offered', 'callback-requested', 'visit-changed', 'callback-not-reached'],
      ].map((type) => ({ type, reference, occurredAtMs: startMs })),
    )
  })
})
