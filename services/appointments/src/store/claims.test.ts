import { randomUUID } from 'node:crypto'
import { apart, inOneTransaction } from '@unefois/chassis/joint'
import type { Transaction } from '@unefois/chassis/postgres'
import { deferred } from '@unefois/chassis/postgres.fixture'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Agency, openAgency, startMs } from '../agency.fixture.js'
import type { WantedClaim } from '../domain/meeting.js'
import { Claims } from './claims.js'

let agency: Agency
let claims: Claims
beforeAll(async () => {
  agency = await openAgency()
  claims = new Claims(agency.postgres)
})
beforeEach(async () => {
  await agency.postgres.query('TRUNCATE claim, appointment CASCADE')
})
afterAll(() => agency.close())

const minuteMs = 60_000
const at = (from: number, to: number) => ({ startsAtMs: startMs + from * minuteMs, endsAtMs: startMs + to * minuteMs })

/** A claim of the first resource, its minutes counted from the test's beginning. */
const claim = (from: number, to: number, change: Partial<WantedClaim> = {}): WantedClaim => ({
  holderId: randomUUID(),
  resourceNo: 1,
  lanes: 1,
  sessionId: randomUUID(),
  seats: 1,
  expiresAtMs: undefined,
  ...at(from, to),
  ...change,
})

const take = (...wanted: WantedClaim[]): Promise<boolean> =>
  agency.postgres.transaction((tx) => claims.take(tx, wanted, startMs))

/** Meetings in one transaction, as bookings that come together are; answers for each whether it has what it wants. */
const takeTogether = async (meetings: readonly (readonly WantedClaim[])[], longestLockMs = 10) => {
  const works = meetings.map((wanted) => (tx: Transaction) => claims.take(tx, wanted, startMs))
  return agency.postgres.transaction((tx) => inOneTransaction(tx, works), { longestLockMs })
}

const counted = async (): Promise<number> => {
  const { rows } = await agency.postgres.query<{ n: number }>('SELECT count(*) AS n FROM claim')
  return rows[0]?.n ?? 0
}

/** A hold as the database knows it, which ended a moment before. */
const overdueHold = async (resourceNo = 1): Promise<string> => {
  const holderId = randomUUID()
  await agency.postgres.query(
    `INSERT INTO appointment (appointment_id, subject, service_type_id, schedule_no, place_id, starts_at_ms, ends_at_ms, state,
       revision, motive, is_by_person, held_until_ms, delete_after_ms, content)
     VALUES ($1, '', 't', 1, 'p', $2::bigint, $2::bigint + 1, 'held', 0, 't', false, $2::bigint, $2::bigint, '')`,
    [holderId, startMs],
  )
  await agency.postgres.transaction((tx) =>
    claims.take(tx, [claim(0, 30, { holderId, resourceNo, expiresAtMs: startMs })], startMs - 1),
  )
  return holderId
}

it('takes nothing of a resource that somebody has for a minute of the same time', async () => {
  expect(await take(claim(0, 30))).toBe(true)
  for (const [from, to] of [
    [0, 30],
    [29, 59],
    [-30, 1],
    [10, 20],
    [-10, 40],
  ] as const)
    expect(await take(claim(from, to))).toBe(false)
  expect(await counted()).toBe(1)
})

it('takes all or nothing, and the transaction goes on after a no', async () => {
  await take(claim(0, 30, { resourceNo: 2 }))
  const holderId = randomUUID()
  const wasTaken = await agency.postgres.transaction(async (tx) => {
    const first = await claims.take(
      tx,
      [claim(0, 30, { holderId }), claim(0, 30, { holderId, resourceNo: 2 })],
      startMs,
    )
    return [first, await claims.take(tx, [claim(60, 90, { holderId })], startMs)]
  })
  expect(wasTaken).toEqual([false, true])
  expect(await claims.of(holderId)).toMatchObject([{ resourceNo: 1, ...at(60, 90) }])
})

it('leaves out, of several meetings in one transaction, whole those of which somebody has a part', async () => {
  await take(claim(0, 30, { resourceNo: 2 }))
  const [half, free, beside] = [randomUUID(), randomUUID(), randomUUID()]
  const together = await takeTogether([
    [claim(0, 30, { holderId: half }), claim(0, 30, { holderId: half, resourceNo: 2 })],
    [claim(0, 30, { holderId: free }), claim(0, 30, { holderId: free, resourceNo: 3 })],
    [claim(10, 40, { holderId: beside })],
  ])
  expect(together).toEqual([apart, true, apart])
  expect((await claims.of(free)).map(({ resourceNo }) => resourceNo)).toEqual([1, 3])
  expect([...(await claims.of(half)), ...(await claims.of(beside))]).toEqual([])
})

it('leaves out who would wait for another transaction, and the others do not wait', async () => {
  const [other, decided] = [deferred(), deferred()]
  const slow = agency.postgres.transaction(async (tx) => {
    await claims.take(tx, [claim(0, 30)], startMs)
    other.resolve()
    await decided.promise
  })
  await other.promise
  expect(await takeTogether([[claim(10, 40)], [claim(30, 60)], [claim(0, 30, { resourceNo: 2 })]])).toEqual([
    apart,
    true,
    true,
  ])
  decided.resolve()
  await slow
  expect(await counted()).toBe(3)
})

it('leaves holds that are over to whoever comes alone', async () => {
  await overdueHold()
  expect(await takeTogether([[claim(0, 30)], [claim(60, 90)]])).toEqual([apart, true])
  expect(await takeTogether([[claim(0, 30)]])).toEqual([apart])
  expect(await take(claim(0, 30))).toBe(true)
})

it('takes times that only touch, and the same time of another resource', async () => {
  expect(await take(claim(0, 30), claim(30, 60), claim(0, 30, { resourceNo: 2 }))).toBe(true)
})

it('puts meetings into the lanes that are as good as each other, until none is left', async () => {
  const counter = () => claim(0, 30, { lanes: 3 })
  const taken = await Promise.all(Array.from({ length: 7 }, () => take(counter())))
  expect(taken.filter(Boolean)).toHaveLength(3)
  const { rows } = await agency.postgres.query<{ lane: number }>('SELECT lane FROM claim ORDER BY lane')
  expect(rows.map(({ lane }) => lane)).toEqual([0, 1, 2])
})

it('gives the seats of one group, and no more of them', async () => {
  const sessionId = randomUUID()
  const seat = () => claim(0, 60, { sessionId, seats: 5 })
  const taken = await Promise.all(Array.from({ length: 12 }, () => take(seat())))
  expect(taken.filter(Boolean)).toHaveLength(5)
  expect(await take(claim(0, 60, { seats: 5 }))).toBe(false)
})

it('does not put a group where somebody is, nor somebody where a group is', async () => {
  await take(claim(0, 60))
  expect(await take(claim(0, 60, { seats: 5 }))).toBe(false)
  await take(claim(0, 60, { resourceNo: 2, seats: 5 }))
  expect(await take(claim(30, 90, { resourceNo: 2 }))).toBe(false)
})

it('lets the new time of one session lie upon its own former one', async () => {
  const holder = { holderId: randomUUID(), sessionId: randomUUID(), seats: 2 }
  expect(await take(claim(0, 30, holder))).toBe(true)
  expect(await take(claim(15, 45, holder))).toBe(true)
  const former = (await claims.of(holder.holderId)).filter(({ startsAtMs }) => startsAtMs === startMs)
  await agency.postgres.transaction((tx) => claims.drop(tx, former))
  expect(await claims.of(holder.holderId)).toMatchObject([at(15, 45)])
})

it('is not in the way of anybody once it is over, and its hold has lapsed then', async () => {
  const holderId = await overdueHold()
  expect(await claims.overdue(startMs, 10)).toEqual([holderId])
  expect(await take(claim(10, 40))).toBe(true)
  const { rows } = await agency.postgres.query('SELECT state FROM appointment')
  expect(rows).toEqual([{ state: 'lapsed' }])
  expect(await claims.of(holderId)).toEqual([])
})

it('leaves a hold that is over where it is when it says no in the end', async () => {
  const holderId = await overdueHold()
  await take(claim(30, 60))
  await agency.postgres.transaction(async (tx) => {
    expect(await claims.take(tx, [claim(0, 40)], startMs)).toBe(false)
  })
  expect(await claims.of(holderId)).toHaveLength(1)
  const { rows } = await agency.postgres.query('SELECT state FROM appointment')
  expect(rows).toEqual([{ state: 'held' }])
})

it('leaves a hold that is not over where it is', async () => {
  await agency.postgres.transaction((tx) => claims.take(tx, [claim(0, 30, { expiresAtMs: startMs + 1 })], startMs))
  expect(await take(claim(0, 30))).toBe(false)
})

it('gives the time of a hold that is over to one of many at once', async () => {
  await overdueHold()
  const taken = await Promise.all(Array.from({ length: 8 }, () => take(claim(0, 30))))
  expect(taken.filter(Boolean)).toHaveLength(1)
  expect(await counted()).toBe(1)
})

it('frees what is released, and keeps what was held', async () => {
  const held = claim(0, 30, { expiresAtMs: startMs + 1 })
  const other = claim(30, 60)
  await take(held, other)
  await agency.postgres.transaction((tx) => claims.keep(tx, [held.holderId]))
  expect(await claims.overdue(startMs + 1, 10)).toEqual([])
  const released = await agency.postgres.transaction((tx) => claims.release(tx, [other.holderId]))
  expect(released).toMatchObject([{ holderId: other.holderId, ...at(30, 60) }])
  expect(await take(claim(30, 60))).toBe(true)
})

it('has nobody wait in a circle whose own meetings overlap in a room for two', async () => {
  const inRoom = (from: number, to: number, holderId: string) => claim(from, to, { resourceNo: 2, lanes: 2, holderId })
  const overlapping = (...froms: readonly number[]): WantedClaim[] => {
    const holderId = randomUUID()
    return froms.map((from) => inRoom(from, from + 4, holderId))
  }
  for (let round = 0; round < 30; round++) {
    await agency.postgres.query('TRUNCATE claim')
    // Whoever comes at 5 finds the first lane taken and whoever comes at 6 finds it free; then each wants the other one's lane.
    await take(inRoom(4, 6, randomUUID()))
    const taken = await Promise.all([5, 6, 5, 6, 5, 6].map((from) => take(...overlapping(from, from + 2))))
    expect(taken.filter(Boolean).length).toBeLessThanOrEqual(1)
  }
})

const anyClaim = fc.record({
  resourceNo: fc.integer({ min: 1, max: 3 }),
  from: fc.integer({ min: 0, max: 8 }),
  length: fc.integer({ min: 1, max: 4 }),
})
const laneCounts = [0, 1, 2, 1]

/** As many clients do: some come together, and whoever had to leave comes again alone. */
const takeInCompany = async (meetings: readonly (readonly WantedClaim[])[], size: number): Promise<boolean[]> => {
  const companies = meetings.flatMap((_, at) => (at % size === 0 ? [meetings.slice(at, at + size)] : []))
  const taken = companies.map(async (company) => {
    // Whoever is alone and would wait too long is undone as a whole.
    const together = await takeTogether(company).catch(() => company.map(() => apart))
    return Promise.all(company.map((wanted, at) => (together[at] === true ? true : take(...wanted))))
  })
  return (await Promise.all(taken)).flat()
}

it('never has two at once in a lane, and has of each meeting all or nothing, whatever comes at the same time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anyClaim, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 16 }),
      fc.integer({ min: 1, max: 6 }),
      async (meetings, together) => {
        await agency.postgres.query('TRUNCATE claim')
        const wanted = meetings.map((parts) => {
          const holderId = randomUUID()
          return parts.map(({ resourceNo, from, length }) =>
            claim(from * 5, (from + length) * 5, { holderId, resourceNo, lanes: laneCounts[resourceNo] ?? 1 }),
          )
        })
        const taken = await (together > 1
          ? takeInCompany(wanted, together)
          : Promise.all(wanted.map((each) => take(...each))))
        const { rows } = await agency.postgres.query<{ overlaps: number }>(
          `SELECT count(*) AS overlaps FROM claim a JOIN claim b USING (resource_no, lane)
         WHERE a.during && b.during AND a.session_id < b.session_id`,
        )
        expect(rows).toEqual([{ overlaps: 0 }])
        for (const [index, each] of wanted.entries()) {
          expect(await claims.of(each[0]?.holderId ?? '')).toHaveLength(taken[index] ? each.length : 0)
          const [only] = each
          if (!only || each.length > 1 || taken[index]) continue
          // Nobody is refused for somebody who was refused in the end.
          const inTheWay = await agency.postgres.query<{ n: number }>(
            'SELECT count(DISTINCT lane) AS n FROM claim WHERE resource_no = $1 AND during && int8range($2, $3)',
            [only.resourceNo, only.startsAtMs, only.endsAtMs],
          )
          expect(inTheWay.rows).toEqual([{ n: only.lanes }])
        }
      },
    ),
    { numRuns: 60 },
  )
})
