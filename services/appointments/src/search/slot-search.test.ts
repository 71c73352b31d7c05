import { randomUUID } from 'node:crypto'
import type { SearchSlotsRequest } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Agency,
  atGateway,
  hallPlace,
  openAgency,
  practitioner,
  room,
  serviceType,
  startMs,
  system,
  weekdays,
} from '../agency.fixture.js'
import { hallClosure, publish, search } from '../calendar/calendar.fixture.js'
import { type KnownSchedule, resourceNosOf } from '../domain/calendar.js'
import { localDay } from '../domain/local-time.js'
import { groupSessionId } from '../domain/meeting.js'
import type { KeptOpening } from '../store/openings.js'
import { markSuspected, refreshFullness } from './fullness.js'

const minute = 60_000
const day = 24 * 60 * minute
const two = (n: number) => String(n).padStart(2, '0')

const types = [
  serviceType({ horizonDays: 1 }),
  serviceType({ serviceTypeId: 'long', durationMinutes: 45, gapMinutes: 15, horizonDays: 1 }),
  serviceType({
    serviceTypeId: 'kept',
    durationMinutes: 20,
    reservedPercent: 30,
    reservedUntilHours: 20,
    noticeMinutes: 90,
    horizonDays: 1,
  }),
]
const typeIds = types.map(({ serviceTypeId }) => serviceTypeId)
const places = [
  hallPlace(),
  hallPlace({ placeId: 'island', zone: 'Indian/Reunion' }),
  hallPlace({ placeId: 'far', zone: 'Pacific/Noumea' }),
]

/** So many schedules that both ways of looking come into question, with hours of every kind, some of them over midnight. */
const scheduleCount = 240
const manySchedules = () =>
  Array.from({ length: scheduleCount }, (_, nth) => {
    const place = places[nth % 7 === 0 ? 1 : nth % 11 === 0 ? 2 : 0]?.placeId ?? ''
    const begins = nth % 5 === 0 ? 9 : (nth * 7) % 22
    const hours = [
      { from: `${two(begins)}:${two((nth % 4) * 15)}`, to: `${two((begins + 1 + (nth % 4)) % 24)}:30` },
      ...(nth % 3 === 0 ? [{ from: `${two((begins + 6) % 24)}:00`, to: `${two((begins + 8) % 24)}:00` }] : []),
    ]
    const isGroup = nth % 9 === 0
    return weekdays({
      scheduleId: `s-${nth}`,
      placeId: place,
      practitionerId: nth % 6 === 0 ? '' : `p-${nth % 150}`,
      roomId: nth % 2 === 0 ? `r-${place}` : '',
      serviceTypeIds: isGroup ? ['id-card'] : typeIds.slice(nth % 3),
      rrule: 'FREQ=DAILY',
      hours,
      seats: isGroup ? 3 : 1,
    })
  })

let agency: Agency
let schedules: readonly KnownSchedule[]
let openings: readonly KeptOpening[]
beforeAll(async () => {
  agency = await openAgency()
  await publish(agency, {
    places,
    resources: [
      ...Array.from({ length: 150 }, (_, nth) => practitioner(`p-${nth}`)),
      ...places.map(({ placeId }) => room(`r-${placeId}`, 3, placeId)),
    ],
    serviceTypes: types,
    schedules: manySchedules(),
    // Openings that do not begin where their slots are counted from.
    closures: [
      ['2026-11-23T10:10', '2026-11-23T10:25'],
      ['2026-11-23T15:20', '2026-11-23T16:00'],
    ].map(([from = '', to = ''], nth) => hallClosure({ closureId: `works-${nth}`, from, to })),
  })
  const calendar = await agency.book.current()
  schedules = [...calendar.schedules.values()]
  const all = { startsAtMs: startMs - 10 * day, endsAtMs: startMs + 400 * day }
  openings = await agency.openings.meeting([...calendar.schedulesByNo.keys()], all)
})
afterAll(() => agency.close())

interface Claim {
  readonly resourceNo: number
  readonly lane: number
  readonly startsAtMs: number
  readonly endsAtMs: number
  readonly sessionId: string
  readonly seat: number
  readonly expiresAtMs: number | null
}

/** Claims as bookings would leave them, some of holds; whatever the constraint refuses is not there. */
const claim = async (wanted: readonly Claim[]): Promise<Claim[]> => {
  await agency.postgres.query('DELETE FROM claim')
  await agency.postgres.query('UPDATE opening SET is_full = false WHERE is_full')
  const { rows } = await agency.postgres.query<{ nth: number }>(
    `WITH wanted AS (
       SELECT * FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[], $5::uuid[], $6::int[], $7::bigint[])
         WITH ORDINALITY AS wanted (resource_no, lane, starts_at_ms, ends_at_ms, session_id, seat, expires_at_ms, nth)),
     kept AS (
       INSERT INTO claim (holder_id, resource_no, lane, during, session_id, seat, expires_at_ms)
       SELECT gen_random_uuid(), resource_no, lane, int8range(starts_at_ms, ends_at_ms), session_id, seat, expires_at_ms
       FROM wanted ORDER BY nth ON CONFLICT DO NOTHING RETURNING session_id, resource_no, seat)
     SELECT min(nth) - 1 AS nth FROM kept JOIN wanted USING (session_id, resource_no, seat)
     GROUP BY session_id, resource_no, seat`,
    [
      wanted.map(({ resourceNo }) => resourceNo),
      wanted.map(({ lane }) => lane),
      wanted.map(({ startsAtMs }) => startsAtMs),
      wanted.map(({ endsAtMs }) => endsAtMs),
      wanted.map(({ sessionId }) => sessionId),
      wanted.map(({ seat }) => seat),
      wanted.map(({ expiresAtMs }) => expiresAtMs),
    ],
  )
  return rows.flatMap(({ nth }) => wanted[nth] ?? [])
}

interface Asked {
  readonly change: Partial<SearchSlotsRequest>
  readonly isAgent: boolean
  readonly nowMs: number
}

/** What a search should answer, by looking at every slot of every opening, and every claim at each. */
const byHand = (claims: readonly Claim[], { change, isAgent, nowMs }: Asked): string[] => {
  const type = types.find(({ serviceTypeId }) => serviceTypeId === change.serviceTypeId)
  if (!type) throw new Error('the test asks for nothing')
  const live = claims.filter(({ expiresAtMs }) => expiresAtMs === null || expiresAtMs > nowMs)
  const units = change.units || 1
  const lengthMs = type.durationMinutes * units * minute
  const gapMs = type.gapMinutes * minute
  const cellMs = type.durationMinutes * minute + gapMs
  const found: { readonly at: number; readonly no: number; readonly text: string }[] = []
  for (const opening of openings) {
    const known = schedules.find(({ no }) => no === opening.scheduleNo)
    if (!known?.schedule.serviceTypeIds.includes(type.serviceTypeId)) continue
    const { schedule, place, practitioner: who, room: where } = known
    if (change.placeIds?.length && !change.placeIds.includes(place.placeId)) continue
    if (units > 1 && schedule.seats > 1) continue
    for (let at = opening.gridAtMs; at + lengthMs <= opening.endsAtMs; at += lengthMs + gapMs) {
      if (at < opening.startsAtMs || at <= nowMs) continue
      const local = localDay(place.zone, at)
      if ((change.fromDay && local < change.fromDay) || (change.toDay && local > change.toDay)) continue
      const last = localDay(place.zone, startMs + type.horizonDays * day + (nowMs - startMs))
      if ((!change.toDay || !isAgent) && local > last) continue
      if (!isAgent && at - nowMs < type.noticeMinutes * minute) continue
      const cells = []
      for (let ms = at; ms < at + lengthMs; ms += minute) cells.push(Math.floor((ms - opening.gridAtMs) / cellMs))
      const percent = type.reservedPercent
      const hours = (opening.gridAtMs - (opening.gridAtMs % (60 * minute))) / (60 * minute)
      const begun = 100 * ((90 * hours) % 101)
      const keptOf = (count: number) => Math.floor((count * percent * 101 + begun) / 10_100)
      const isKept =
        cells.some((cell) => keptOf(cell + 1) > keptOf(cell)) && at - nowMs > type.reservedUntilHours * 60 * minute
      if (isKept && !isAgent && !change.isAccompanied) continue
      const session = groupSessionId(known.no, type.serviceTypeId, { startsAtMs: at, endsAtMs: at + lengthMs })
      const others = (no: number, until: number) =>
        live.filter(
          (each) =>
            each.resourceNo === no &&
            each.startsAtMs < until &&
            each.endsAtMs > at &&
            !(schedule.seats > 1 && each.sessionId === session),
        )
      if (who && others(who.no, at + lengthMs + gapMs).length > 0) continue
      if (where && new Set(others(where.no, at + lengthMs).map(({ lane }) => lane)).size >= where.of.lanes) continue
      const [primary] = resourceNosOf(known)
      const seated = live.filter((each) => each.resourceNo === primary && each.sessionId === session).length
      const left = schedule.seats > 1 ? schedule.seats - seated : 1
      if (left > 0)
        found.push({ at, no: known.no, text: `${at} ${schedule.scheduleId} ${left}${isKept ? ' kept' : ''}` })
    }
  }
  return found.sort((a, b) => a.at - b.at || a.no - b.no).map(({ text }) => text)
}

/** Every page of a search, one after the other. */
const allPages = async ({ change, isAgent }: Asked): Promise<string[]> => {
  const found: string[] = []
  let pageToken = ''
  do {
    const answer = await search(agency, { ...change, pageToken }, isAgent ? system() : atGateway())
    for (const { startsAtMs, scheduleId, seatsLeft, isReserved } of answer.slots)
      found.push(`${startsAtMs} ${scheduleId} ${seatsLeft}${isReserved ? ' kept' : ''}`)
    pageToken = answer.nextPageToken
  } while (pageToken !== '')
  return found
}

const anyClaims = fc.array(
  fc.record({
    opening: fc.nat(),
    nth: fc.integer({ min: 0, max: 12 }),
    type: fc.nat({ max: types.length - 1 }),
    lane: fc.integer({ min: 0, max: 2 }),
    seats: fc.integer({ min: 1, max: 3 }),
    expiresIn: fc.option(fc.integer({ min: -30, max: 30 })),
  }),
  { minLength: 20, maxLength: 300 },
)
type AnyClaims = typeof anyClaims extends fc.Arbitrary<infer T> ? T : never

const claimsOf = (any: AnyClaims, nowMs: number): Claim[] =>
  any.flatMap(({ opening: at, nth, type: which, lane, seats, expiresIn }) => {
    const opening = openings[at % openings.length]
    const known = schedules.find(({ no }) => no === opening?.scheduleNo)
    const type = types[which]
    if (!opening || !known || !type) return []
    const lengthMs = type.durationMinutes * minute
    const startsAtMs = opening.gridAtMs + nth * (lengthMs + type.gapMinutes * minute)
    const span = { startsAtMs, endsAtMs: startsAtMs + lengthMs }
    const isGroup = known.schedule.seats > 1
    const sessionId = isGroup ? groupSessionId(known.no, type.serviceTypeId, span) : randomUUID()
    const expiresAtMs = expiresIn === null ? null : nowMs + expiresIn * minute
    return resourceNosOf(known).flatMap((resourceNo) =>
      Array.from({ length: isGroup ? seats : 1 }, (_, seat) => ({
        ...{ resourceNo, startsAtMs, sessionId, seat, expiresAtMs },
        endsAtMs: resourceNo === known.practitioner?.no ? span.endsAtMs + type.gapMinutes * minute : span.endsAtMs,
        lane: resourceNo === known.room?.no ? lane : 0,
      })),
    )
  })

const anySearch = fc.record({
  isAgent: fc.boolean(),
  nowMs: fc.integer({ min: 0, max: 20 * 60 }).map((minutes) => startMs + minutes * minute),
  change: fc.record({
    serviceTypeId: fc.constantFrom(...typeIds),
    placeIds: fc.constantFrom<string[]>([], [], ['hall'], ['island', 'far']),
    fromDay: fc.constantFrom('', '2026-11-24'),
    toDay: fc.constantFrom('', '2026-11-24'),
    units: fc.constantFrom(0, 1, 2, 3),
    isAccompanied: fc.boolean(),
    pageSize: fc.constantFrom(31, 100),
  }),
})

describe('a search', () => {
  it('finds what looking at every slot and every claim finds, in the same order, before and after full openings are marked', async () => {
    await fc.assert(
      fc.asyncProperty(anyClaims, anySearch, async (any, asked) => {
        agency.setNow(asked.nowMs)
        const claims = await claim(claimsOf(any, asked.nowMs))
        const expected = byHand(claims, asked)
        expect(await allPages(asked)).toEqual(expected)
        await markSuspected(agency)
        expect(await allPages(asked)).toEqual(expected)
      }),
      { numRuns: 20 },
    )
  })

  it('finds what was freed in openings that were full', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 239 }), fc.nat(), async (nth, freed) => {
        agency.setNow(startMs)
        const known = schedules[nth]
        if (!known) throw new Error('there are fewer schedules')
        const isTomorrow = ({ startsAtMs }: KeptOpening) => localDay(known.place.zone, startsAtMs) === '2026-11-24'
        const of = openings.filter((each) => each.scheduleNo === known.no && isTomorrow(each))
        const full = of.flatMap(({ startsAtMs, endsAtMs }) =>
          resourceNosOf(known).flatMap((resourceNo) =>
            (resourceNo === known.room?.no ? [0, 1, 2] : [0]).map((lane) => ({
              ...{ resourceNo, lane, startsAtMs, endsAtMs, sessionId: randomUUID(), seat: 0, expiresAtMs: null },
            })),
          ),
        )
        const kept = await claim(full)
        const serviceTypeId = known.schedule.serviceTypeIds[0] ?? ''
        const asked = {
          isAgent: true,
          nowMs: startMs,
          change: { serviceTypeId, placeIds: [known.place.placeId], pageSize: 100 },
        }
        await allPages(asked)
        await markSuspected(agency)
        const { rows } = await agency.postgres.query('SELECT 1 FROM opening WHERE is_full AND schedule_no = $1', [
          known.no,
        ])
        expect(rows.length).toBe(of.length)
        const gone = kept[freed % kept.length]
        if (!gone) throw new Error('nothing was claimed')
        await agency.postgres.transaction(async (tx) => {
          await tx.query('DELETE FROM claim WHERE session_id = $1 AND resource_no = $2', [
            gone.sessionId,
            gone.resourceNo,
          ])
          await refreshFullness(tx, agency, [{ resourceNos: [gone.resourceNo], span: gone }])
        })
        const expected = byHand(
          kept.filter((each) => each !== gone),
          asked,
        )
        expect(await allPages(asked)).toEqual(expected)
      }),
      { numRuns: 12 },
    )
  })
})
