import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Agency, hallCalendar, openAgency, room, serviceType, startMs, weekdays } from '../agency.fixture.js'
import { publish, search } from '../calendar/calendar.fixture.js'
import type { Span } from '../domain/slots.js'
import { markSuspected, refreshFullness } from './fullness.js'

const hour = 3_600_000
/** Monday, 9:00 to 12:00 in Paris. */
const morning: Span = { startsAtMs: startMs + 2 * hour, endsAtMs: startMs + 5 * hour }
const half = { startsAtMs: morning.startsAtMs, endsAtMs: morning.startsAtMs + 2.75 * hour }

let agency: Agency
let ada: number
let den: number
beforeAll(async () => {
  agency = await openAgency()
  await publish(
    agency,
    hallCalendar({
      resources: [...hallCalendar().resources, room('den', 2)],
      serviceTypes: [serviceType(), serviceType({ serviceTypeId: 'short', durationMinutes: 10 })],
      schedules: [
        weekdays(),
        weekdays({ scheduleId: 'den', practitionerId: '', roomId: 'den', serviceTypeIds: ['short', 'id-card'] }),
      ],
    }),
  )
  const { practitioners, rooms } = await agency.book.current()
  ada = practitioners.get('ada')?.no ?? 0
  den = rooms.get('den')?.no ?? 0
})
afterAll(() => agency.close())
beforeEach(async () => {
  await agency.postgres.query('DELETE FROM claim')
  await agency.postgres.query('UPDATE opening SET is_full = false')
  agency.fullOpenings.take(1000)
})

const take = async (
  resourceNo: number,
  span: Span,
  { lane = 0, expiresAtMs = null as number | null } = {},
): Promise<string> => {
  const holder = randomUUID()
  await agency.postgres.query(
    `INSERT INTO claim (holder_id, resource_no, lane, during, session_id, seat, expires_at_ms)
     VALUES ($1, $2, $3, int8range($4, $5), $1, 0, $6)`,
    [holder, resourceNo, lane, span.startsAtMs, span.endsAtMs, expiresAtMs],
  )
  return holder
}
const full = async (): Promise<string[]> =>
  (
    await agency.postgres.query<{ schedule_id: string }>(
      'SELECT schedule_id FROM opening JOIN schedule USING (schedule_no) WHERE is_full ORDER BY 1',
    )
  ).rows.map((row) => row.schedule_id)
/** The chore, after searches that came across every opening of a resource. */
const lookAt = async (resourceNo: number): Promise<void> => {
  const { rows } = await agency.postgres.query<{ opening_no: number }>(
    'SELECT opening_no FROM opening JOIN schedule USING (schedule_no) WHERE $1 IN (practitioner_no, room_no)',
    [resourceNo],
  )
  for (const row of rows) agency.fullOpenings.suspect(row.opening_no)
  await markSuspected(agency)
}

describe('an opening is not said to be full', () => {
  it('by a hold, which ends by itself', async () => {
    await take(ada, morning, { expiresAtMs: startMs + 60_000 })
    await lookAt(ada)
    expect(await full()).toEqual([])
    expect((await search(agency, { toDay: '2026-11-23' })).slots.map(({ scheduleId }) => scheduleId)).not.toContain(
      'ada-mornings',
    )
    agency.setNow(startMs + 60_001)
    expect((await search(agency, { toDay: '2026-11-23' })).slots.map(({ scheduleId }) => scheduleId)).toContain(
      'ada-mornings',
    )
    agency.setNow(startMs)
  })

  it('while the shortest of its service types has a slot', async () => {
    for (const lane of [0, 1]) await take(den, half, { lane })
    await lookAt(den)
    expect(await full()).toEqual([])
    expect(
      (await search(agency, { toDay: '2026-11-23', serviceTypeId: 'id-card' })).slots.some(
        ({ scheduleId }) => scheduleId === 'den',
      ),
    ).toBe(false)
  })

  it('while a lane of its room is free', async () => {
    await take(den, morning)
    await lookAt(den)
    expect(await full()).toEqual([])
  })

  it('by a suspicion alone', async () => {
    const { rows } = await agency.postgres.query<{ opening_no: number }>('SELECT opening_no FROM opening')
    for (const row of rows) agency.fullOpenings.suspect(row.opening_no)
    await markSuspected(agency)
    expect(await full()).toEqual([])
  })

  it('while somebody is freeing a part of it, nor after', async () => {
    const holder = await take(ada, morning)
    await agency.postgres.transaction(async (tx) => {
      await tx.query('DELETE FROM claim WHERE holder_id = $1', [holder])
      await refreshFullness(tx, agency, [{ resourceNos: [ada], span: morning }])
      // What is not committed yet is still claimed for everybody else.
      await lookAt(ada)
      expect(await full()).toEqual([])
    })
    await lookAt(ada)
    expect(await full()).toEqual([])
  })
})

describe('an opening that is full', () => {
  it('is said to be by who looks at it, after a search or a booking', async () => {
    await take(ada, morning)
    await search(agency, { toDay: '2026-11-23' })
    await markSuspected(agency)
    expect(await full()).toEqual(['ada-mornings'])
    for (const lane of [0, 1]) await take(den, morning, { lane })
    await lookAt(den)
    expect(await full()).toEqual(['ada-mornings', 'den'])
  })

  it('is open again in the transaction that frees something, and only there', async () => {
    const holder = await take(ada, morning)
    await lookAt(ada)
    expect(await full()).toEqual(['ada-mornings'])
    const rolledBack = agency.postgres.transaction(async (tx) => {
      await tx.query('DELETE FROM claim WHERE holder_id = $1', [holder])
      await refreshFullness(tx, agency, [{ resourceNos: [ada], span: half }])
      throw new Error('no')
    })
    await expect(rolledBack).rejects.toThrow('no')
    expect(await full()).toEqual(['ada-mornings'])
    await agency.postgres.transaction(async (tx) => {
      await tx.query('DELETE FROM claim WHERE holder_id = $1', [holder])
      await refreshFullness(tx, agency, [{ resourceNos: [ada], span: half }])
    })
    expect(await full()).toEqual([])
  })

  it('is never said to be while a slot is free, whoever books, frees and looks at the same time', async () => {
    const taken: string[] = []
    for (let slot = 0; slot < 6; slot++)
      taken.push(
        await take(ada, {
          startsAtMs: morning.startsAtMs + (slot * hour) / 2,
          endsAtMs: morning.startsAtMs + ((slot + 1) * hour) / 2,
        }),
      )
    const free = (holder: string) =>
      agency.postgres.transaction(async (tx) => {
        await tx.query('DELETE FROM claim WHERE holder_id = $1', [holder])
        await refreshFullness(tx, agency, [{ resourceNos: [ada], span: morning }])
      })
    for (const holder of taken) {
      await Promise.all([lookAt(ada), free(holder), lookAt(ada), lookAt(ada)])
      expect(await full()).toEqual([])
      await take(ada, {
        startsAtMs: morning.startsAtMs + (taken.indexOf(holder) * hour) / 2,
        endsAtMs: morning.startsAtMs + ((taken.indexOf(holder) + 1) * hour) / 2,
      })
    }
    await lookAt(ada)
    expect(await full()).toEqual(['ada-mornings'])
  })
})
