import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byAgent, hallPlace, serviceType, someone, startMs, weekdays } from '../agency.fixture.js'
import { endHolds } from '../appointment/chores.js'
import { holdOf, paris, slotAt } from '../desk.fixture.js'
import { openWaitingDesk, type WaitingDesk } from './waiting.fixture.js'

const nine = '2026-11-23T09:00'
const tuesday = '2026-11-24T09:00'
const holdMs = 60 * 60_000

let desk: WaitingDesk
beforeAll(async () => {
  desk = await openWaitingDesk({
    places: [hallPlace(), hallPlace({ placeId: 'far' })],
    serviceTypes: [serviceType(), serviceType({ serviceTypeId: 'tax' })],
    // One slot each day.
    schedules: [weekdays({ hours: [{ from: '09:00', to: '09:30' }] })],
  })
})
beforeEach(async () => {
  await desk.postgres.query('DELETE FROM waiting; DELETE FROM appointment; DELETE FROM claim; DELETE FROM outbox')
  desk.setNow(startMs)
})
afterAll(() => desk.close())

/** Somebody holds Monday's slot, somebody else waits for it, and the hold is over; no chore has run. */
const heldAndOver = async (wish: Parameters<WaitingDesk['join']>[0] = {}) => {
  await desk.hold(holdOf({ subject: someone(), by: byAgent }))
  const waits = await desk.join(wish)
  desk.setNow(startMs + holdMs)
  return waits
}
const reasonOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error) => error.reason,
  )
const book = () => desk.bookOne({ subject: someone(), slots: [slotAt(nine)], by: byAgent })

describe('a hold that is over', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['books', book],
    ['holds', () => desk.hold(holdOf({ subject: someone(), by: byAgent }))],
    [
      'moves',
      async () => {
        const { appointment } = await desk.bookOne({ subject: someone(), slots: [slotAt(tuesday)], by: byAgent })
        return desk.move({ appointmentId: appointment.appointmentId, slot: slotAt(nine), by: byAgent })
      },
    ],
  ])('is not for who %s before the chore has seen it, where somebody waits: they have it then', async (_, work) => {
    const waits = await heldAndOver()
    expect(waits.slot).toBeUndefined()
    expect(await reasonOf(work())).toBe('SLOT_TAKEN')
    await endHolds(desk.agency)
    expect(await desk.stands(waits)).toMatchObject({ state: 'offered', said: { slot: { startsAtMs: paris(nine) } } })
    expect(await reasonOf(work())).toBe('SLOT_TAKEN')
  })

  it.each<[string, Parameters<WaitingDesk['join']>[0]]>([
    ['another day', { fromDay: '2026-11-25', toDay: '2026-11-27' }],
    ['another service', { serviceTypeId: 'tax' }],
    ['another place', { placeIds: ['far'] }],
  ])('is for who books it where others wait only for %s', async (_, wish) => {
    await heldAndOver(wish)
    expect(await reasonOf(book())).toBe('done')
  })

  it('is for who books it where nobody waits any more', async () => {
    await desk.leave(await heldAndOver())
    expect(await reasonOf(book())).toBe('done')
  })

  it('never goes to a booker while somebody waits for it, whatever runs at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 3 }), fc.nat({ max: 2 }), async (bookers, chores) => {
        await desk.postgres.query('DELETE FROM waiting; DELETE FROM appointment; DELETE FROM claim')
        desk.setNow(startMs)
        const waits = await heldAndOver()
        const results = await Promise.all([
          ...Array.from({ length: bookers }, () => reasonOf(book())),
          ...Array.from({ length: chores }, () => endHolds(desk.agency).then(() => 'SLOT_TAKEN')),
        ])
        expect(results.filter((each) => each !== 'SLOT_TAKEN')).toEqual([])
        await endHolds(desk.agency)
        expect((await desk.stands(waits)).state).toBe('offered')
      }),
      { numRuns: 10 },
    )
  })
})
