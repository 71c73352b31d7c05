import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hallPlace, practitioner, room, serviceType, weekdays } from '../agency.fixture.js'
import { claimsOf, groupSessionId, inClaimOrder, type Meeting, type WantedClaim } from './meeting.js'

const known = (seats: number) => ({
  no: 7,
  schedule: weekdays({ seats }),
  place: hallPlace(),
  practitioner: { no: 2, resource: practitioner(), of: practitioner().kind?.value as never },
  room: { no: 1, resource: room(), of: { title: undefined, lanes: 4, accessibility: [] } },
})
const meeting = (seats = 1): Meeting => ({
  schedule: known(seats),
  type: serviceType({ gapMinutes: 10 }),
  units: 1,
  channel: 1,
  startsAtMs: 0,
  endsAtMs: 1_800_000,
})
const holder = { holderId: 'a', expiresAtMs: 5 }

it('takes the practitioner with the gap after it, and the room without', () => {
  const claims = claimsOf(meeting(), holder, 'fresh')
  expect(claims).toMatchObject([
    { resourceNo: 2, lanes: 1, startsAtMs: 0, endsAtMs: 2_400_000, expiresAtMs: 5 },
    { resourceNo: 1, lanes: 4, startsAtMs: 0, endsAtMs: 1_800_000, expiresAtMs: 5 },
  ])
  expect(claims[0]?.sessionId).toBe(claims[1]?.sessionId)
})

it('has a session of its own, or the former one of the same appointment', () => {
  expect(claimsOf(meeting(), holder, 'fresh')[0]?.sessionId).toBe('fresh')
  expect(claimsOf(meeting(), { ...holder, formerSessionId: 'former' }, 'fresh')[0]?.sessionId).toBe('former')
})

it('shares the session with whoever comes to the same group, and with nobody else', () => {
  const group = { ...holder, formerSessionId: 'former' }
  const [first] = claimsOf(meeting(8), group, 'fresh')
  expect(first).toMatchObject({ sessionId: claimsOf(meeting(8), holder, 'another')[0]?.sessionId, seats: 8 })
  const span = { startsAtMs: 0, endsAtMs: 1_800_000 }
  const others = [
    groupSessionId(1, 'a', span),
    groupSessionId(2, 'a', span),
    groupSessionId(1, 'b', span),
    groupSessionId(1, 'a', { ...span, startsAtMs: 1 }),
    groupSessionId(1, 'a', { ...span, endsAtMs: 3_600_000 }),
  ]
  expect(new Set(others).size).toBe(others.length)
  expect(others[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
})

it('of any two transactions that wait for each other’s claims one came first with all of them', () => {
  const claim = fc.record({ resourceNo: fc.integer({ min: 1, max: 3 }), startsAtMs: fc.integer({ min: 0, max: 9 }) })
  const some = fc.array(
    claim.map((each) => ({ ...each, endsAtMs: each.startsAtMs + 2 }) as WantedClaim),
    { minLength: 1, maxLength: 6 },
  )
  const alone = (claims: readonly WantedClaim[]) =>
    claims.every((a, at) => claims.every((b, other) => at === other || !meet(a, b)))
  const meet = (a: WantedClaim, b: WantedClaim) =>
    a.resourceNo === b.resourceNo && a.startsAtMs < b.endsAtMs && b.startsAtMs < a.endsAtMs
  fc.assert(
    fc.property(some.filter(alone), some.filter(alone), (one, other) => {
      const [a, b] = [inClaimOrder(one), inClaimOrder(other)]
      // Each has taken some, waits for the next, and what it waits for is among what the other one has.
      for (const [i, wantedByA] of a.entries())
        for (const [j, wantedByB] of b.entries()) {
          const aWaits = b.slice(0, j).some((each) => meet(each, wantedByA))
          const bWaits = a.slice(0, i).some((each) => meet(each, wantedByB))
          expect(aWaits && bWaits).toBe(false)
        }
    }),
  )
})
