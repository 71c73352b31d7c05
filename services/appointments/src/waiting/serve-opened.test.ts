import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byAgent, practitioner, serviceType, someone, startMs, system, weekdays } from '../agency.fixture.js'
import { hallClosure, publish } from '../calendar/calendar.fixture.js'
import { renewOpenings } from '../calendar/extend-openings.js'
import { paris, slotAt } from '../desk.fixture.js'
import { importBusyTimes } from '../rpc/import-busy-times.js'
import { publishCalendar } from '../rpc/publish-calendar.js'
import { serveWaiting } from './chores.js'
import { openWaitingDesk, type WaitingDesk } from './waiting.fixture.js'
import { serveOpenings } from './waiting.js'

const nine = '2026-11-23T09:00'
const half = '2026-11-23T09:30'
/** One slot each day, from nine to half past; another hour is opened by a test. */
const narrow = weekdays({ hours: [{ from: '09:00', to: '09:30' }] })
const wide = weekdays({ hours: [{ from: '09:00', to: '10:00' }] })

let desk: WaitingDesk
beforeAll(async () => {
  desk = await openWaitingDesk({ schedules: [narrow] })
})
beforeEach(async () => {
  await desk.postgres.query(
    'DELETE FROM waiting; DELETE FROM appointment; DELETE FROM claim; DELETE FROM outbox; DELETE FROM busy_time',
  )
  desk.setNow(startMs)
  await publish(desk.agency, {
    serviceTypes: [serviceType()],
    schedules: [narrow],
    closures: [hallClosure({ isRetired: true })],
  })
  await desk.bookOne({ subject: someone(), slots: [slotAt(nine)], by: byAgent })
})
afterAll(() => desk.close())

const states = (people: readonly Parameters<WaitingDesk['stands']>[0][]) =>
  Promise.all(people.map(async (each) => (await desk.stands(each)).state))
const bookBy = (local: string) =>
  desk.bookOne({ subject: someone(), slots: [slotAt(local)], by: byAgent }).then(
    () => 'booked',
    (error) => error.reason,
  )

describe('what a publication opens', () => {
  it('is nobody’s to find before who waits: they have it when it is published', async () => {
    const people = [await desk.join(), await desk.join({ booksByItself: true })]
    await desk.postgres.query('DELETE FROM outbox')
    await publish(desk.agency, { schedules: [wide] })
    expect(await states(people)).toEqual(['offered', 'waiting'])
    expect(await bookBy(half)).toBe('SLOT_TAKEN')
    expect(await desk.told()).toMatchObject([{ reference: people[0]?.waitingId }])
  })

  it('is given as it was published just now, also of a service and an agent that nobody knew before', async () => {
    const cy = weekdays({ scheduleId: 'cy-mornings', practitionerId: 'cy' })
    const added = {
      resources: [practitioner('cy')],
      serviceTypes: [serviceType({ reservedPercent: 100, reservedUntilHours: 1 })],
      schedules: [cy],
    }
    const accompanied = { isAccompanied: true, accessibility: [], language: '' }
    const people = [await desk.join(), await desk.join({ needs: accompanied })]
    await publish(desk.agency, added)
    expect(await states(people)).toEqual(['waiting', 'offered'])
    expect((await desk.agency.book.current()).practitioners.has('cy')).toBe(true)
    await publish(desk.agency, { schedules: [{ ...cy, isRetired: true }] })
  })

  it('is given where a closure is taken back, and where the diary of an agent says that they are there after all', async () => {
    const tuesday = { fromDay: '2026-11-24', toDay: '2026-11-24' }
    await publish(desk.agency, { closures: [hallClosure()] })
    const first = await desk.join(tuesday)
    expect(first.slot).toBeUndefined()
    await publish(desk.agency, { closures: [hallClosure({ isRetired: true })] })
    expect(await states([first])).toEqual(['offered'])

    const diary = (...lines: string[]) =>
      importBusyTimes(desk.agency).handle(
        {
          practitionerId: 'ada',
          source: 'work',
          icalendar: ['BEGIN:VCALENDAR', ...lines, 'END:VCALENDAR'].join('\r\n'),
        },
        system(),
      )
    const busy = ['BEGIN:VEVENT', 'UID:1', 'DTSTART:20261125T070000Z', 'DTEND:20261125T090000Z', 'END:VEVENT']
    await diary(...busy)
    const second = await desk.join({ fromDay: '2026-11-25', toDay: '2026-11-25' })
    expect(second.slot).toBeUndefined()
    await diary()
    expect(await states([second])).toEqual(['offered'])
  })

  it('is given where the clocks of a zone have become other ones', async () => {
    const first = await desk.join({ fromDay: '2026-11-24', toDay: '2026-11-24', booksByItself: true })
    expect(first.slot?.startsAtMs).toBe(paris('2026-11-24T09:00'))
    const second = await desk.join({ fromDay: '2026-11-25', toDay: '2026-11-25' })
    await desk.decline(second)
    const third = await desk.join({ fromDay: '2026-11-26', toDay: '2026-11-26' })
    await desk.leave(third)
    await desk.postgres.query(`DELETE FROM opening WHERE starts_at_ms > $1`, [paris('2026-11-26T00:00')])
    const last = await desk.join({ fromDay: '2026-11-26', toDay: '2026-11-26' })
    expect(last.slot).toBeUndefined()
    await desk.postgres.query(`UPDATE schedule SET zone_edition = ''`)
    await renewOpenings(desk.agency)
    expect(await states([last])).toEqual(['offered'])
  })

  it('goes to who waits as far as its bound; the rest has it by the chore, in its turn', async () => {
    const people = []
    for (let nr = 0; nr < 25; nr++) people.push(await desk.join())
    const long = weekdays({ hours: [{ from: '09:00', to: '23:00' }] })
    await publish(desk.agency, { schedules: [long] })
    const given = (await states(people)).map((state) => state === 'offered')
    expect(given).toEqual(people.map((_, nr) => nr < 20))
    await serveWaiting(desk.agency)
    expect(new Set(await states(people))).toEqual(new Set(['offered']))
  })

  it('is the chore’s where the list is somebody else’s just then: a publication waits for nobody', async () => {
    const first = await desk.join()
    await desk.inTransaction(async (tx) => {
      await desk.waiting.lockList(tx)
      await publish(desk.agency, { schedules: [wide] })
    })
    expect(await states([first])).toEqual(['waiting'])
    await serveWaiting(desk.agency)
    expect(await states([first])).toEqual(['offered'])
  })

  it('is refused whole and given to nobody where the publication is', async () => {
    const first = await desk.join()
    const bad = { schedules: [wide], closures: [hallClosure({ closureId: 'x' }), hallClosure({ closureId: 'y' })] }
    await expect(publish(desk.agency, bad)).rejects.toMatchObject({ reason: 'CLOSURE_OVERLAPS' })
    expect(await states([first])).toEqual(['waiting'])
    await publishCalendar(desk.agency).handle(
      { places: [], resources: [], serviceTypes: [], schedules: [wide], closures: [] },
      system(),
    )
    expect(await states([first])).toEqual(['offered'])
  })
})

describe('the bound of what is looked at', () => {
  it('lets nobody pass over who came before: whoever has something given had it also without a bound', async () => {
    await publish(desk.agency, { schedules: [weekdays({ hours: [{ from: '09:00', to: '23:00' }] })] })
    const people = [
      await desk.join({ fromDay: '2026-11-27', toDay: '2026-11-27' }),
      await desk.join({ toDay: '2026-11-27' }),
      await desk.join(),
      await desk.join({ fromDay: '2026-11-24', toDay: '2026-11-24' }),
    ]
    await desk.postgres.query(`UPDATE waiting SET state = 'waiting', appointment_id = NULL, offered_until_ms = NULL`)
    await desk.postgres.query('DELETE FROM appointment; DELETE FROM claim')
    const calendar = await desk.agency.book.current()
    const schedules = [...calendar.schedules.values()]
    const given = new Set<number>()
    for (const looks of [0, ...fc.sample(fc.nat({ max: 900 }), { numRuns: 20, seed: 7 }), 5000]) {
      await desk
        .inTransaction(async (tx) => {
          await serveOpenings(desk.agency, tx, { calendar, schedules }, { given: 20, looks })
          const { rows } = await tx.query<{ state: string }>('SELECT state FROM waiting ORDER BY position')
          const served = rows.map(({ state }) => state !== 'waiting')
          // Only the last ones may be without.
          expect(served.lastIndexOf(true)).toBe(served.filter(Boolean).length - 1)
          given.add(served.filter(Boolean).length)
          throw new Error('undone')
        })
        .catch((error) => {
          if (error.message !== 'undone') throw error
        })
    }
    expect(given.has(0)).toBe(true)
    expect(given.has(people.length)).toBe(true)
  })
})
