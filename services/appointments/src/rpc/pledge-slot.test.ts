import { randomUUID } from 'node:crypto'
import type { PledgeSlotRequest } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hallPlace, person, practitioner, serviceType, system, weekdays } from '../agency.fixture.js'
import { mostPledgesOfMember } from '../domain/visit.js'
import { applyOutcome } from '../visits/pledges.js'
import { at, counter, elsewhere, type House, ofMember, openHouse, slotOf } from '../visits/visit.fixture.js'
import { pledgeSlot } from './pledge-slot.js'

const channels = [counter, ...elsewhere]

let house: House
beforeAll(async () => {
  house = await openHouse({
    fund: {
      places: [hallPlace({ sharedPlace: 'house' }), hallPlace({ placeId: 'annex', sharedPlace: 'annex' })],
      resources: [practitioner(), practitioner('bob', 'annex'), practitioner('eve')],
      serviceTypes: [
        serviceType({ channels, visitMembers: ['hall'] }),
        serviceType({ serviceTypeId: 'closed' }),
        serviceType({ serviceTypeId: 'urgent', isUrgent: true, visitMembers: ['hall'] }),
        serviceType({ serviceTypeId: 'kept', reservedPercent: 100, reservedUntilHours: 1, visitMembers: ['hall'] }),
        serviceType({ serviceTypeId: 'later', noticeMinutes: 2000, visitMembers: ['hall'] }),
        serviceType({ serviceTypeId: 'retired', isRetired: true, visitMembers: ['hall'] }),
      ],
      schedules: [
        weekdays({ channels, serviceTypeIds: ['id-card', 'closed', 'urgent', 'kept', 'later', 'retired'] }),
        weekdays({ scheduleId: 'bob', placeId: 'annex', practitionerId: 'bob' }),
        weekdays({ scheduleId: 'eve', practitionerId: 'eve', hours: [{ from: '00:10', to: '23:50' }] }),
      ],
    },
  })
})
beforeEach(() => house.empty())
afterAll(() => house.close())

const request = (change: Partial<PledgeSlotRequest> = {}): PledgeSlotRequest => ({
  visitId: randomUUID(),
  leg: 1,
  slot: slotOf('09:30'),
  code: 'ABCDEFGH',
  language: 'fr',
  needs: undefined,
  sharedPlace: 'house',
  ...change,
})
const pledge = (change: Partial<PledgeSlotRequest> = {}, call = ofMember('hall')) =>
  pledgeSlot(house.fundNeeds).handle(request(change), call)
const accompanied = { isAccompanied: true, accessibility: [], language: '' }

describe('PledgeSlot', () => {
  it.each<[string, Partial<PledgeSlotRequest>, string]>([
    ['a service type that is none', { slot: slotOf('09:30', { serviceTypeId: 'none' }) }, 'VISIT_NOT_TAKEN'],
    ['one that is not open to it', { slot: slotOf('09:30', { serviceTypeId: 'closed' }) }, 'VISIT_NOT_TAKEN'],
    ['a retired one', { slot: slotOf('09:30', { serviceTypeId: 'retired' }) }, 'VISIT_NOT_TAKEN'],
    ['an urgent one', { slot: slotOf('09:30', { serviceTypeId: 'urgent' }) }, 'URGENT_SEEN_TODAY'],
    ['another place than that of the visit', { sharedPlace: 'elsewhere' }, 'VISIT_INVALID'],
    ['a slot in another shared place', { slot: slotOf('09:30', { scheduleId: 'bob' }) }, 'VISIT_INVALID'],
    ['a slot between two', { slot: slotOf('09:40') }, 'SLOT_UNKNOWN'],
    ['a schedule that is none', { slot: slotOf('09:30', { scheduleId: 'none' }) }, 'SLOT_UNKNOWN'],
    ['yesterday', { slot: slotOf('09:30', { startsAtMs: at('09:30') - 2 * 86_400_000 }) }, 'TIME_PASSED'],
    ['a slot that is kept for others', { slot: slotOf('09:30', { serviceTypeId: 'kept' }) }, 'SLOT_RESERVED'],
    ['a slot that is too near', { slot: slotOf('09:30', { serviceTypeId: 'later' }) }, 'SLOT_NOT_OPEN'],
  ])('refuses %s, and keeps nothing', async (_, change, reason) => {
    await expect(pledge(change)).rejects.toMatchObject({ reason })
    expect(await house.stand()).toMatchObject({ fund: [], pledges: [], claims: { fund: 0 } })
  })

  it.each(elsewhere)('refuses channel %i: it knows nobody to call, to visit or to send a link to', async (channel) => {
    await expect(pledge({ slot: slotOf('09:30', { channel }) })).rejects.toMatchObject({
      reason: 'VISIT_INVALID',
      facts: { field: 'slot.channel' },
    })
    expect(await house.stand()).toMatchObject({ fund: [], pledges: [], claims: { fund: 0 } })
  })

  it('refuses whoever is no member, and a member to whose visits it is not open', async () => {
    await expect(pledge({}, system())).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    await expect(pledge({}, person(house.ada))).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    await expect(pledge({}, ofMember('stranger'))).rejects.toMatchObject({ reason: 'VISIT_NOT_TAKEN' })
  })

  it('refuses a slot that somebody has', async () => {
    await pledge()
    await expect(pledge()).rejects.toMatchObject({ reason: 'SLOT_TAKEN' })
    expect(await house.stand()).toMatchObject({ fund: ['held'], pledges: ['pledged'], claims: { fund: 1 } })
  })

  it('refuses the same leg with another slot', async () => {
    const visitId = randomUUID()
    await pledge({ visitId })
    await expect(pledge({ visitId, slot: slotOf('10:00') })).rejects.toMatchObject({ reason: 'VISIT_INVALID' })
  })

  it('refuses what comes after the end of the visit, however it ended', async () => {
    for (const outcome of ['released', 'cancelled', 'booked'] as const) {
      const visitId = randomUUID()
      await house.fund.postgres.transaction((tx) =>
        applyOutcome(house.fundNeeds, tx, { member: 'hall', visitId, leg: 1 }, outcome),
      )
      await expect(pledge({ visitId })).rejects.toMatchObject({ reason: 'VISIT_ENDED' })
    }
    expect(await house.stand()).toMatchObject({ fund: [], claims: { fund: 0 } })
  })

  it('refuses more than so many for one member, also at the same moment, and takes another one when one has ended', async () => {
    const times = Array.from({ length: mostPledgesOfMember + 5 }, (_, index) => at('10:10') + index * 30 * 60_000)
    const slots = times.map((startsAtMs) => slotOf('09:30', { scheduleId: 'eve', startsAtMs }))
    const asked = await Promise.allSettled(slots.map((slot) => pledge({ slot })))
    const refused = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason.reason] : []))
    expect(refused).toEqual(Array.from({ length: 5 }, () => 'VISIT_NOT_TAKEN'))
    const { rows } = await house.fund.postgres.query<{ visit_id: string }>('SELECT visit_id FROM pledge LIMIT 1')
    const key = { member: 'hall', visitId: rows[0]?.visit_id ?? '', leg: 1 }
    await house.fund.postgres.transaction((tx) => applyOutcome(house.fundNeeds, tx, key, 'released'))
    await pledge()
    expect((await house.stand()).pledges.filter((state) => state === 'pledged')).toHaveLength(mostPledgesOfMember)
  })

  it('keeps the slot without an end, without anybody’s name, with the code that is shown', async () => {
    const visitId = randomUUID()
    expect(await pledge({ visitId, needs: accompanied })).toEqual({ endsAtMs: at('10:00'), needsMandate: false })
    const { rows } = await house.fund.postgres.query<{ appointment_id: string; expires_at_ms: number | null }>(
      'SELECT appointment_id, expires_at_ms FROM appointment JOIN claim ON holder_id = appointment_id',
    )
    expect(rows).toMatchObject([{ expires_at_ms: null }])
    expect(await house.fund.appointments.get(rows[0]?.appointment_id ?? '')).toMatchObject({
      subject: '',
      state: 'held',
      visitId,
      heldUntilMs: undefined,
      isByPerson: false,
      said: { visitCode: 'ABCDEFGH', needs: accompanied, contact: { way: 'none', address: '' }, bookedBy: undefined },
    })
  })

  it('gives a kept slot to who says they are accompanied', async () => {
    const slot = slotOf('09:30', { serviceTypeId: 'kept' })
    expect(await pledge({ slot, needs: accompanied })).toEqual({ endsAtMs: at('10:00'), needsMandate: false })
  })

  it('answers the same pledge again, also at the same moment and after it was booked', async () => {
    const visitId = randomUUID()
    const answers = await Promise.all([1, 2, 3, 4].map(() => pledge({ visitId })))
    expect(answers).toEqual(answers.map(() => ({ endsAtMs: at('10:00'), needsMandate: false })))
    expect(await house.stand()).toMatchObject({ fund: ['held'], claims: { fund: 1 } })
    const key = { member: 'hall', visitId, leg: 1 }
    await house.fund.postgres.transaction((tx) => applyOutcome(house.fundNeeds, tx, key, 'booked'))
    expect(await pledge({ visitId })).toEqual({ endsAtMs: at('10:00'), needsMandate: false })
    expect(await house.stand()).toMatchObject({ fund: ['booked'], pledges: ['booked'] })
  })

  it('takes the visit of another member under the same id for another one', async () => {
    const visitId = randomUUID()
    await pledge({ visitId })
    const key = { member: 'stranger', visitId, leg: 1 }
    await house.fund.postgres.transaction((tx) => applyOutcome(house.fundNeeds, tx, key, 'released'))
    expect(await house.stand()).toMatchObject({ fund: ['held'], claims: { fund: 1 } })
  })
})
