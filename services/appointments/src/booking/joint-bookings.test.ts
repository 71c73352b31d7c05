import { randomBytes, randomUUID } from 'node:crypto'
import { systemClock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { Idempotency } from '@unefois/chassis/idempotency'
import type { Transaction } from '@unefois/chassis/postgres'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { byAgent, person, someone, startMs, system } from '../agency.fixture.js'
import { bookingOf, type Desk, holdOf, openDesk, slotAt } from '../desk.fixture.js'
import { bookAppointment } from '../rpc/book-appointment.js'
import { townCalendar } from '../town.fixture.js'

// Bookings that share a transaction exclude each other as they would in two.

let desk: Desk
beforeAll(async () => {
  desk = await openDesk(townCalendar)
})
beforeEach(async () => {
  desk.setNow(startMs)
  await desk.empty()
})
afterAll(() => desk.close())

const slot = (hour: string, serviceTypeId = 'id-card') => slotAt(`2026-11-24T${hour}`, { serviceTypeId })
const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'booked',
    (error) => error.reason ?? String(error),
  )
const bookedBySomebody = (...hours: string[]) =>
  desk.book(bookingOf({ subject: someone(), slots: hours.map((hour) => slot(hour)), by: byAgent }))
const standing = async (id: string) => {
  const { rows } = await desk.postgres.query<{ state: string; claims: number }>(
    'SELECT state, (SELECT count(*) FROM claim WHERE holder_id = $1) AS claims FROM appointment WHERE appointment_id = $1',
    [id],
  )
  return rows[0]
}
/** Effects that come at once, each as often as it runs. */
const joined = (effects: readonly ((tx: Transaction) => Promise<unknown>)[]) => {
  const idempotency = new Idempotency(desk.postgres, desk.agency.runtime.clock, randomBytes(32))
  return Promise.all(
    effects.map((effect) => {
      const use = { caller: 'system:desk', method: 'desk', key: randomUUID(), request: Buffer.alloc(0) }
      return outcomeOf(
        idempotency.onceJoined(
          use,
          (tx) => effect(tx).then(() => Buffer.alloc(0)),
          Deadline.after(10_000, systemClock),
        ),
      )
    }),
  )
}

it('of one person one is made for a motive, however many questions each takes', async () => {
  const [ada, bea] = [someone(), someone()]
  const { holdId } = await desk.hold(holdOf({ subject: bea, slot: slot('11:00') }), person(bea))
  const outcomes = await Promise.all(
    [
      desk.book(bookingOf({ subject: bea, holdIds: [holdId] }), person(bea)),
      desk.book(bookingOf({ subject: ada, slots: [slot('09:00')] }), person(ada)),
      desk.book(bookingOf({ subject: ada, slots: [slot('10:00', 'limited'), slot('09:30')] }), person(ada)),
    ].map(outcomeOf),
  )
  expect(outcomes.sort()).toEqual(['APPOINTMENT_LIMIT_REACHED', 'booked', 'booked'])
  const { rows } = await desk.postgres.query(`SELECT FROM appointment WHERE subject = $1 AND motive = 'id-card'`, [ada])
  expect(rows).toHaveLength(1)
})

it('a refused booking leaves a hold that is over as it was', async () => {
  const { holdId, untilMs } = await desk.hold(holdOf({ subject: someone(), slot: slot('09:00'), by: byAgent }))
  await bookedBySomebody('10:00')
  desk.setNow(untilMs)
  expect(await outcomeOf(bookedBySomebody('09:00', '10:00'))).toBe('SLOT_TAKEN')
  expect(await standing(holdId)).toEqual({ state: 'held', claims: 1 })
})

it('what is booked has its claims, also where its hold is over for another one of the same transaction', async () => {
  const bea = someone()
  const { holdId, untilMs } = await desk.hold(holdOf({ subject: bea, slot: slot('09:00') }), person(bea))
  await bookedBySomebody('10:00')
  desk.setNow(untilMs)
  const { runtime } = desk.agency
  // Began a millisecond before the hold ended.
  const clock = { ...runtime.clock, nowMs: () => untilMs - 1 }
  const behind = bookAppointment({ ...desk.agency, runtime: { ...runtime, clock } })
  const both = [slot('09:00'), slot('10:00')]
  const outcomes = await joined([
    (tx) => behind.effect(bookingOf({ subject: bea, holdIds: [holdId] }), person(bea), tx),
    (tx) =>
      bookAppointment(desk.agency).effect(bookingOf({ subject: someone(), slots: both, by: byAgent }), system(), tx),
  ])
  expect([outcomes, await standing(holdId)]).toEqual([['booked', 'SLOT_TAKEN'], { state: 'booked', claims: 1 }])
  expect(await outcomeOf(bookedBySomebody('09:00'))).toBe('SLOT_TAKEN')
})

it('whoever is refused for what they say makes nobody run twice', async () => {
  const bea = someone()
  const { holdId } = await desk.hold(holdOf({ subject: bea, slot: slot('09:00', 'passport') }), person(bea))
  const rpc = bookAppointment(desk.agency)
  let runs = 0
  const outcomes = await joined([
    (tx) => rpc.effect(bookingOf({ subject: bea, holdIds: [holdId] }), person(bea), tx),
    ...['09:30', '10:00', '10:30', '11:00'].map((hour) => (tx: Transaction) => {
      runs += 1
      return rpc.effect(bookingOf({ subject: someone(), slots: [slot(hour)], by: byAgent }), system(), tx)
    }),
  ])
  expect(outcomes).toEqual(['PRE_APPLICATION_INVALID', 'booked', 'booked', 'booked', 'booked'])
  expect(runs).toBe(4)
})

it('whoever has to wait for what another transaction has locked makes nobody run twice', async () => {
  const [ada, bea] = [someone(), someone()]
  const { holdId } = await desk.hold(holdOf({ subject: bea, slot: slot('09:00') }), person(bea))
  const rpc = bookAppointment(desk.agency)
  const other = await desk.postgres.session()
  await other.query('BEGIN')
  await desk.agency.appointments.lockSubject(other, ada)
  await desk.agency.appointments.lock(other, [holdId])
  let runs = 0
  const outcomes = joined([
    (tx) => rpc.effect(bookingOf({ subject: ada, slots: [slot('11:30')] }), person(ada), tx),
    (tx) => rpc.effect(bookingOf({ subject: bea, holdIds: [holdId] }), person(bea), tx),
    ...['09:30', '10:00', '10:30', '11:00'].map((hour) => async (tx: Transaction) => {
      runs += 1
      await rpc.effect(bookingOf({ subject: someone(), slots: [slot(hour)], by: byAgent }), system(), tx)
      if (runs === 4) await other.end()
    }),
  ])
  expect(await outcomes).toEqual(Array.from({ length: 6 }, () => 'booked'))
  expect(runs).toBe(4)
})
