import { randomBytes, randomUUID } from 'node:crypto'
import { systemClock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { Idempotency } from '@unefois/chassis/idempotency'
import type { Transaction } from '@unefois/chassis/postgres'
import type { Call, EffectRpc, PlainRpc } from '@unefois/chassis/rpc'
import { AppointmentEvent } from '@unefois/proto/gen/unefois/appointments/v1/appointment_events'
import {
  AppointmentState,
  type BookAppointmentRequest,
  type HoldSlotRequest,
  type SlotChosen,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeetingChannel, type PublishCalendarRequest } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { type Agency, hallCalendar, openAgency, system } from './agency.fixture.js'
import { bookAppointment } from './rpc/book-appointment.js'
import { cancelAppointment } from './rpc/cancel-appointment.js'
import { getAppointment } from './rpc/get-appointment.js'
import { holdSlot } from './rpc/hold-slot.js'
import { inviteToBook } from './rpc/invite-to-book.js'
import { listAppointments } from './rpc/list-appointments.js'
import { moveAppointment } from './rpc/move-appointment.js'
import { publishCalendar } from './rpc/publish-calendar.js'
import { recordAttendance } from './rpc/record-attendance.js'
import { releaseHold } from './rpc/release-hold.js'

/** A moment of the test's week in Paris, as "2026-11-23T09:00". */
export const paris = (local: string): number => Date.parse(`${local}:00+01:00`)

/** Ada's slot at a moment of the test's week in Paris. */
export const slotAt = (local: string, change: Partial<SlotChosen> = {}): SlotChosen => ({
  scheduleId: 'ada-mornings',
  serviceTypeId: 'id-card',
  startsAtMs: paris(local),
  units: 0,
  channel: MeetingChannel.MEETING_CHANNEL_COUNTER,
  ...change,
})

export const bookingOf = (change: Partial<BookAppointmentRequest> = {}): BookAppointmentRequest => ({
  subject: '',
  holdIds: [],
  slots: [],
  contact: { way: 'none', address: '' },
  language: 'fr',
  note: '',
  preApplications: [],
  isSecondConfirmed: false,
  ...change,
})

export const holdOf = (change: Partial<HoldSlotRequest> = {}): HoldSlotRequest => ({
  subject: '',
  slot: slotAt('2026-11-23T09:00'),
  isAccompanied: false,
  ...change,
})

type Changed<T> = Partial<T> | undefined

/** An agency with a published calendar, and its RPCs as the chain calls them: parsed first, effects in a transaction of their own. */
export const openDesk = async (
  calendar: Partial<PublishCalendarRequest> = {},
  needed: Parameters<typeof openAgency>[0] = {},
) => {
  const agency = await openAgency(needed)
  await publishCalendar(agency).handle(hallCalendar(calendar), system())
  const idempotency = new Idempotency(agency.postgres, agency.runtime.clock, randomBytes(32))
  const joined = async <Res>(effect: (tx: Transaction) => Promise<Res>): Promise<Res> => {
    let answer: Res | undefined
    const use = { caller: 'system:desk', method: 'desk', key: randomUUID(), request: Buffer.alloc(0) }
    await idempotency.onceJoined(
      use,
      async (tx) => {
        answer = await effect(tx)
        return Buffer.alloc(0)
      },
      Deadline.after(60_000, systemClock),
    )
    return answer as Res
  }
  const effect =
    <Req, Res>(rpc: EffectRpc<Req, Res>) =>
    (request: Req, call: Call = system()): Promise<Res> => {
      rpc.request.parse(request)
      return rpc.mayJoin?.(request)
        ? joined((tx) => rpc.effect(request, call, tx))
        : agency.runtime.postgres.transaction((tx) => rpc.effect(request, call, tx))
    }
  const plain =
    <Req, Res>(rpc: PlainRpc<Req, Res>) =>
    async (request: Req, call: Call = system()): Promise<Res> => {
      rpc.request.parse(request)
      return rpc.handle(request, call)
    }
  const book = effect(bookAppointment(agency))
  const cancel = effect(cancelAppointment(agency))
  const move = effect(moveAppointment(agency))
  const list = plain(listAppointments(agency))
  const state = AppointmentState.APPOINTMENT_STATE_UNSPECIFIED
  const noList = { placeId: '', practitionerId: '', state, fromMs: 0, toMs: 0, pageSize: 0, pageToken: '' }
  return {
    ...agency,
    agency,
    hold: effect(holdSlot(agency)),
    release: plain(releaseHold(agency)),
    book,
    bookOne: async (change: Changed<BookAppointmentRequest>, call?: Call) => {
      const { appointments, secret } = await book(bookingOf(change), call)
      const [appointment] = appointments
      if (!appointment) throw new Error('nothing was booked')
      return { appointment, secret }
    },
    get: plain(getAppointment(agency)),
    list: (change: Partial<Parameters<typeof list>[0]> = {}, call?: Call) =>
      list({ subject: '', ...noList, ...change }, call),
    move: (change: Partial<Parameters<typeof move>[0]>, call?: Call) => move({ appointmentId: '', ...change }, call),
    cancel: (change: Partial<Parameters<typeof cancel>[0]>, call?: Call) =>
      cancel({ appointmentId: '', because: '', wholeSeries: false, ...change }, call),
    attend: effect(recordAttendance(agency)),
    invite: effect(inviteToBook(agency)),
    /** Deletes everybody, and what is told of them; the calendar stays. */
    empty: () =>
      agency.postgres.query(
        'TRUNCATE appointment, appointments_keys.file_key, claim, booking_link, protected_subject, outbox, subject_alias CASCADE',
      ),
    /** What the agency's systems are told, in the order in which it was kept. */
    told: () => eventsOf(agency),
    /** Who has claims, and of what: the resource, the lane and the time. */
    claimed: async () => {
      const { rows } = await agency.postgres.query<{
        holder_id: string
        resource_no: number
        lane: number
        during: string
      }>('SELECT holder_id, resource_no, lane, during::text FROM claim ORDER BY resource_no, lane, during, seat')
      return rows
    },
    inTransaction: <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => agency.runtime.postgres.transaction(work),
  }
}
export type Desk = Awaited<ReturnType<typeof openDesk>>

const eventsOf = async ({ postgres }: Agency) => {
  const { rows } = await postgres.query<{ receiver: string; topic: string; type: string; data: Buffer }>(
    'SELECT receiver, topic, type, data FROM outbox ORDER BY id',
  )
  return rows.map(({ data, type: eventType, ...carried }) => ({
    ...carried,
    eventType,
    ...AppointmentEvent.decode(data),
  }))
}
