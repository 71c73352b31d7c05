import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { byAgent, person, someone, startMs } from '../agency.fixture.js'
import { endHolds } from '../appointment/chores.js'
import { bookingOf, type Desk, openDesk, slotAt } from '../desk.fixture.js'
import { bookAppointment } from '../rpc/book-appointment.js'
import { townCalendar } from '../town.fixture.js'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk(townCalendar)
})
afterAll(() => desk.close())

const at = (hour: string) => `2026-11-24T${hour}`
const hours = ['09:00', '09:30', '10:00']
/** Few slots: of one agent, of a pair of counters, and of groups of three. */
const slots = [
  ...hours.map((hour) => slotAt(at(hour))),
  ...hours.map((hour) => slotAt(at(hour), { scheduleId: 'counters', serviceTypeId: 'counter' })),
  ...['09:00', '10:00'].map((hour) => slotAt(at(hour), { scheduleId: 'gus-workshops', serviceTypeId: 'workshop' })),
]

type Outcome = { readonly kept: readonly string[] } | { readonly reason: string }
const outcomeOf = (work: Promise<readonly string[]>): Promise<Outcome> =>
  work.then(
    (kept) => ({ kept }),
    (error) => ({ reason: error.reason ?? String(error) }),
  )

const chosen = fc.integer({ min: 0, max: slots.length - 1 })
const slotOf = (index: number) => slots[index] ?? slotAt(at('09:00'))
type Booking = Awaited<ReturnType<Desk['book']>>
const idsOf = ({ appointments }: Booking) => appointments.map(({ appointmentId }) => appointmentId)

/** What one client does, whatever the others do at the same time; answers the ids of what it was told is booked. */
const client = fc.oneof(
  fc.record({ kind: fc.constant('alone' as const), slot: chosen }),
  fc.record({ kind: fc.constant('series' as const), slots: fc.uniqueArray(chosen, { minLength: 2, maxLength: 4 }) }),
  fc.record({ kind: fc.constant('held' as const), slot: chosen, isKept: fc.boolean() }),
  fc.record({ kind: fc.constant('moved' as const), slot: chosen, to: chosen }),
  fc.record({ kind: fc.constant('cancelled' as const), slot: chosen }),
)
type Client = typeof client extends fc.Arbitrary<infer T> ? T : never

const act = async (each: Client): Promise<readonly string[]> => {
  const subject = someone()
  const call = person(subject)
  if (each.kind === 'series')
    return idsOf(await desk.book(bookingOf({ subject, slots: each.slots.map(slotOf), by: byAgent })))
  const slot = slotOf(each.slot)
  if (each.kind === 'held') {
    const { holdId } = await desk.hold({ subject, slot, isAccompanied: false }, call)
    if (each.isKept) return idsOf(await desk.book(bookingOf({ subject, holdIds: [holdId] }), call))
    await desk.release({ holdId }, call)
    return []
  }
  const ids = idsOf(await desk.book(bookingOf({ subject, slots: [slot] }), call))
  const [appointmentId = ''] = ids
  if (each.kind === 'moved') {
    // A move that is refused leaves what was booked.
    await outcomeOf(desk.move({ appointmentId, slot: slotOf(each.to) }, call).then(() => []))
  }
  if (each.kind === 'cancelled') {
    await desk.cancel({ appointmentId }, call)
    return []
  }
  return ids
}

const allowed = ['SLOT_TAKEN', 'APPOINTMENT_INVALID']

it('many clients at the same time never book one place twice, and whoever was told that it is booked has it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(client, { minLength: 8, maxLength: 24 }), async (clients) => {
      desk.setNow(startMs)
      await desk.empty()
      const outcomes = await Promise.all(clients.map((each) => outcomeOf(act(each))))
      for (const outcome of outcomes) if ('reason' in outcome) expect(allowed).toContain(outcome.reason)
      const told = outcomes.flatMap((outcome) => ('kept' in outcome ? outcome.kept : []))
      expect(new Set(told).size).toBe(told.length)

      const { rows: overlaps } = await desk.postgres.query(
        `SELECT FROM claim a JOIN claim b USING (resource_no, lane)
         WHERE a.during && b.during AND a.ctid < b.ctid AND (a.session_id <> b.session_id OR a.seat = b.seat)`,
      )
      expect(overlaps).toHaveLength(0)
      const { rows: booked } = await desk.postgres.query<{ id: string; claims: number; events: number }>(
        `SELECT appointment_id AS id, (SELECT count(*) FROM claim WHERE holder_id = appointment_id) AS claims
         FROM appointment WHERE state = 'booked'`,
      )
      expect(booked.map(({ id }) => id).sort()).toEqual([...told].sort())
      for (const { claims } of booked) expect(claims).toBe(1)
      // Whatever else there was has left nothing behind.
      expect(await desk.claimed()).toHaveLength(told.length)
      const events = await desk.told()
      for (const id of told) expect(events.map(({ reference }) => reference)).toContain(id)
    }),
    { numRuns: 20 },
  )
})

it('holds that nobody books leave nothing, also when they are booked and end at the same moment', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(chosen, { minLength: 2, maxLength: 6 }), async (wanted) => {
      desk.setNow(startMs)
      await desk.empty()
      const held = await Promise.all(
        wanted.map(async (each) => {
          const subject = someone()
          const { holdId, untilMs } = await desk.hold(
            { subject, slot: slotOf(each), isAccompanied: false },
            person(subject),
          )
          return { subject, holdId, untilMs }
        }),
      )
      const untilMs = held[0]?.untilMs ?? startMs
      desk.setNow(untilMs)
      // Another instance, whose clock is a moment behind.
      const { runtime } = desk.agency
      const behind = { ...runtime, clock: { ...runtime.clock, nowMs: () => untilMs - 1 } }
      const rpc = bookAppointment({ ...desk.agency, runtime: behind })
      const booking = held.map(({ subject, holdId }) =>
        outcomeOf(
          desk
            .inTransaction((tx) => rpc.effect(bookingOf({ subject, holdIds: [holdId] }), person(subject), tx))
            .then(idsOf),
        ),
      )
      const [outcomes] = await Promise.all([Promise.all(booking), endHolds(desk.agency), endHolds(desk.agency)])
      await endHolds(desk.agency)
      const told = outcomes.flatMap((outcome) => ('kept' in outcome ? outcome.kept : []))
      for (const outcome of outcomes) if ('reason' in outcome) expect(outcome.reason).toBe('HOLD_EXPIRED')
      expect((await desk.claimed()).map((each) => each.holder_id).sort()).toEqual([...told].sort())
      expect(await desk.agency.claims.overdue(untilMs + 86_400_000, 10)).toEqual([])
    }),
    { numRuns: 15 },
  )
})
