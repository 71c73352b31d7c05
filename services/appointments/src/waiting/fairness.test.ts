import { randomUUID } from 'node:crypto'
import { WaitingState } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byAgent, person, someone, startMs, system, weekdays } from '../agency.fixture.js'
import { paris, slotAt } from '../desk.fixture.js'
import type { KeptWaiting } from '../domain/waiting.js'
import { cancelAppointment } from '../rpc/cancel-appointment.js'
import { endOffers } from './chores.js'
import { openWaitingDesk, type WaitingDesk } from './waiting.fixture.js'

const days = ['2026-11-23', '2026-11-24'] as const
const times = ['09:00', '09:30', '10:00'] as const
/** All the slots there are in the days that people wait for. */
const allSlots = days.flatMap((day) => times.map((time) => `${day}T${time}`))

let desk: WaitingDesk
beforeAll(async () => {
  desk = await openWaitingDesk({ schedules: [weekdays({ hours: [{ from: '09:00', to: '10:30' }] })] })
})
beforeEach(() => empty())
afterAll(() => desk.close())

const empty = async (): Promise<void> => {
  desk.setNow(startMs)
  for (const table of ['waiting', 'appointment', 'claim', 'outbox']) await desk.postgres.query(`DELETE FROM ${table}`)
  await desk.postgres.query('UPDATE opening SET is_full = false')
}

/** Everybody on the list, who came first in front. */
const everybody = async (): Promise<readonly KeptWaiting[]> => {
  const { rows } = await desk.postgres.query<{ waiting_id: string }>('SELECT waiting_id FROM waiting ORDER BY position')
  const kept = await Promise.all(rows.map(({ waiting_id: id }) => desk.waiting.get(id)))
  return kept.flatMap((each) => each ?? [])
}

/** Whether somebody waits for a slot, told apart from the service's own idea of it. */
const wants = ({ said, passedMs }: KeptWaiting, local: string): boolean =>
  said.fromDay <= local.slice(0, 10) && local.slice(0, 10) <= said.toDay && !passedMs.includes(paris(local))

const takenSlots = async (): Promise<ReadonlySet<number>> => {
  const { rows } = await desk.postgres.query<{ at: number }>('SELECT lower(during) AS at FROM claim')
  expect(new Set(rows.map(({ at }) => at)).size).toBe(rows.length)
  return new Set(rows.map(({ at }) => at))
}

/** A slot that somebody still waits for is nobody's only while nobody waits for it. */
const expectNothingLeft = async (): Promise<void> => {
  const [list, taken] = [await everybody(), await takenSlots()]
  const free = allSlots.filter((local) => !taken.has(paris(local)))
  const unserved = list.filter(({ state }) => state === 'waiting')
  expect(free.flatMap((local) => unserved.filter((kept) => wants(kept, local)))).toEqual([])
}

/** Whoever was given a slot by this came before all others who wait for the same. */
const expectNobodyPassed = (before: readonly KeptWaiting[], after: readonly KeptWaiting[]): void => {
  const had = new Map(before.map((kept) => [kept.waitingId, kept.appointmentId]))
  const given = after.filter((kept) => kept.appointmentId && had.get(kept.waitingId) !== kept.appointmentId)
  for (const { position, said } of given) {
    const local = said.slot?.localStart.slice(0, 16) ?? ''
    const passedOver = after.filter(
      (kept) => kept.state === 'waiting' && kept.position < position && wants(kept, local),
    )
    expect(passedOver).toEqual([])
  }
}

const fillAll = async (): Promise<void> => {
  for (const local of allSlots) await desk.bookOne({ subject: someone(), slots: [slotAt(local)], by: byAgent })
}
const cancelAt = async (local: string): Promise<void> => {
  const { rows } = await desk.postgres.query<{ id: string }>(
    `SELECT appointment_id AS id FROM appointment WHERE starts_at_ms = $1 AND state = 'booked'`,
    [paris(local)],
  )
  for (const { id } of rows) await desk.cancel({ appointmentId: id, because: 'asked', by: byAgent }, system())
}
const join = (day: number, length: number, booksByItself: boolean) =>
  desk.join({
    ...{ fromDay: days[day] as string, toDay: days[Math.min(1, day + length)] as string, booksByItself },
    offerMinutes: 30,
  })
const offered = async () => (await everybody()).filter(({ state }) => state === 'offered')

const blocked = `SELECT FROM pg_locks JOIN pg_database ON database = pg_database.oid
  WHERE NOT granted AND datname = current_database()`

type Step = () => Promise<unknown>
const index = fc.nat({ max: 20 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 1 }), fc.boolean()).map((said) => () => join(...said)),
  fc.constantFrom(...allSlots).map((local) => () => cancelAt(local)),
  fc.tuple(index, fc.boolean()).map(([which, isTaken]) => async () => {
    const open = await offered()
    const kept = open[which % Math.max(1, open.length)]
    if (kept) await desk.answer({ waitingId: kept.waitingId, isTaken }, person(kept.subject))
  }),
  index.map((which) => async () => {
    const list = (await everybody()).filter(({ state }) => state === 'waiting' || state === 'offered')
    const kept = list[which % Math.max(1, list.length)]
    if (kept) await desk.leave({ ...kept.said, ...kept, waitingId: kept.waitingId } as never, person(kept.subject))
  }),
  fc.constantFrom(...allSlots).map((local) => async () => {
    const subject = someone()
    await desk.bookOne({ subject, slots: [slotAt(local)], by: byAgent }).catch((error) => {
      expect(error).toMatchObject({ reason: 'SLOT_TAKEN' })
    })
  }),
  fc.constant(async () => {
    desk.setNow(desk.agency.runtime.clock.nowMs() + 31 * 60_000)
    await endOffers(desk.agency)
  }),
)

describe('the order of the waiting list', () => {
  it('passes nobody over, leaves nothing that somebody waits for, and gives nothing twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async (steps) => {
        await empty()
        await fillAll()
        for (const booksByItself of [false, true, false]) await join(0, 1, booksByItself)
        for (const make of steps) {
          // Slots of the past are nobody's any more.
          if (desk.agency.runtime.clock.nowMs() > paris(allSlots[0] as string) - 60_000) return
          const before = await everybody()
          await make()
          expectNobodyPassed(before, await everybody())
          await expectNothingLeft()
        }
      }),
      { numRuns: 10 },
    )
  })

  it('is waited for before any opening, as whoever serves it does', async () => {
    await empty()
    await fillAll()
    await join(0, 0, false)
    await desk.postgres.query('UPDATE opening SET is_full = true')
    let cancelled: Promise<void> | undefined
    await desk.postgres.transaction(async (tx) => {
      await desk.waiting.lockList(tx)
      cancelled = cancelAt(allSlots[0] as string)
      await expect.poll(async () => (await desk.postgres.query(blocked)).rowCount, { interval: 5 }).toBe(1)
      await tx.query(`SET LOCAL lock_timeout = '5s'; UPDATE opening SET is_full = false`)
    })
    await cancelled
    expect(await offered()).toHaveLength(1)
  })

  /** Who was offered something at that moment is told to ask again, and does. */
  const leaveAgain = async (joined: Parameters<typeof desk.leave>[0]): Promise<unknown> =>
    desk.leave(joined).catch((error) => {
      if (error.reason !== 'UNAVAILABLE') throw error
      return leaveAgain(joined)
    })

  it('holds while people join, cancel, answer and book at the same time', async () => {
    for (const round of [1, 2, 3, 4]) {
      await empty()
      await fillAll()
      const first = await Promise.all([join(0, 0, false), join(0, 1, true)])
      const second = await Promise.all([join(0, 0, true), join(1, 0, false)])
      const snatch = (local: string) =>
        desk.bookOne({ subject: someone(), slots: [slotAt(local)], by: byAgent }).then(
          () => 'booked',
          (error) => error.reason,
        )
      const results = await Promise.all([
        ...allSlots.slice(0, 4).flatMap((local) => [cancelAt(local), snatch(local)]),
        join(0, 1, false),
        leaveAgain(second[round % 2] as never),
      ])
      // Each booking came too early, or found that it was given to who waits.
      expect(results.filter((each) => typeof each === 'string' && each !== 'SLOT_TAKEN')).toEqual([])
      await expectNothingLeft()
      const states = (await everybody()).map(({ state }) => state)
      expect(states.filter((state) => state === 'offered' || state === 'booked').length).toBeGreaterThanOrEqual(3)
      expect(first.map(({ state }) => state)).toEqual([
        WaitingState.WAITING_STATE_WAITING,
        WaitingState.WAITING_STATE_WAITING,
      ])
    }
  })

  it('answers an offer once, however often it is taken and given back at once', async () => {
    await fillAll()
    const [first, second] = [await join(0, 0, false), await join(0, 0, false)]
    await cancelAt(allSlots[0] as string)
    const answers = [true, false, true, false].map((isTaken) =>
      desk.answer({ waitingId: first.waitingId, isTaken }, person(first.subject)).then(
        () => (isTaken ? 'taken' : 'declined'),
        (error) => error.reason,
      ),
    )
    const heard = await Promise.all(answers)
    const good = heard.filter((each) => each === 'taken' || each === 'declined')
    expect(good).toHaveLength(1)
    expect(heard.filter((each) => each !== good[0])).toEqual(
      Array.from({ length: 3 }, () => (good[0] === 'taken' ? 'WAITING_ENDED' : 'OFFER_EXPIRED')),
    )
    const state = (await desk.stands(second)).state
    expect(state).toBe(good[0] === 'taken' ? 'waiting' : 'offered')
    expect([...(await takenSlots())].sort()).toEqual(allSlots.map(paris))
  })

  it('lets nobody join unseen by who is freeing something just then', async () => {
    await fillAll()
    const joined = await desk.inTransaction(async (tx) => {
      const { rows } = await tx.query<{ id: string }>(
        'SELECT appointment_id AS id FROM appointment ORDER BY starts_at_ms',
      )
      const request = { appointmentId: rows[0]?.id ?? '', because: 'asked', wholeSeries: false, by: byAgent }
      await cancelAppointment(desk.agency).effect(request, system(), tx)
      let hasJoined = false
      const joining = join(0, 0, false).finally(() => {
        hasJoined = true
      })
      const isKeptWaiting = async () => (await desk.postgres.query(blocked)).rowCount
      while (!hasJoined && !(await isKeptWaiting()));
      return { joining }
    })
    expect((await joined.joining).slot?.startsAtMs).toBe(paris(allSlots[0] as string))
  })

  it('waits for nobody who is booking just then: what they may get is not given', async () => {
    const { rows } = await desk.postgres.query<{ no: number }>('SELECT resource_no AS no FROM resource')
    const span = { startsAtMs: paris(allSlots[0] as string), endsAtMs: paris(allSlots[1] as string) }
    const wanted = { ...span, resourceNo: rows[0]?.no ?? 0, lanes: 1, seats: 1, expiresAtMs: undefined }
    await desk.inTransaction(async (tx) => {
      const ids = { holderId: randomUUID(), sessionId: randomUUID() }
      expect(await desk.claims.take(tx, [{ ...wanted, ...ids }], startMs)).toBe(true)
      expect((await join(0, 0, false)).slot?.startsAtMs).toBe(paris(allSlots[1] as string))
    })
  })
})
