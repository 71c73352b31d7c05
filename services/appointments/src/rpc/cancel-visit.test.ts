import { randomUUID } from 'node:crypto'
import { type CancelVisitRequest, VisitState } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byAgent, byHelper, hallCalendar, hallPlace, person, serviceType, someone, system } from '../agency.fixture.js'
import { at, type House, openHouse } from '../visits/visit.fixture.js'
import { cancelVisit } from './cancel-visit.js'
import { getVisit } from './get-visit.js'
import { publishCalendar } from './publish-calendar.js'

let house: House
beforeAll(async () => {
  house = await openHouse()
  const hall = serviceType({ changeUntilMinutes: 60, visitMembers: ['fund'] })
  const places = [hallPlace({ sharedPlace: 'house' })]
  await publishCalendar(house.hall).handle(hallCalendar({ places, serviceTypes: [hall] }), system())
})
beforeEach(() => house.empty())
afterAll(() => house.close())

const { VISIT_STATE_CANCELLED: cancelled, VISIT_STATE_RELEASED: released, VISIT_STATE_BOOKED: booked } = VisitState
const cancel = async (visitId: string, change: Partial<CancelVisitRequest> = {}, call = person(house.ada)) =>
  (await cancelVisit(house.hallNeeds).handle({ visitId, because: '', by: undefined, ...change }, call)).visit
const get = async (visitId: string, call = person(house.ada)) =>
  (await getVisit(house.hallNeeds).handle({ visitId }, call)).visit
const visit = async () => {
  const visitId = randomUUID()
  await house.book({ visitId })
  await house.carry('hall', 'fund')
  return visitId
}
const agent = { by: byAgent, because: 'The house is closed.' }

describe('GetVisit', () => {
  it('hides a visit that is none, and another person’s', async () => {
    const visitId = await visit()
    await expect(get(randomUUID())).rejects.toMatchObject({ reason: 'VISIT_UNKNOWN' })
    await expect(get(visitId, person(someone()))).rejects.toMatchObject({ reason: 'VISIT_UNKNOWN' })
  })

  it('answers a protected person only by a strong login, and a system not where they will be', async () => {
    const visitId = await visit()
    await house.hall.postgres.transaction((tx) =>
      house.hall.protectedSubjects.protect(tx, [house.ada], house.hall.runtime.clock.nowMs() + 1000),
    )
    await expect(get(visitId)).rejects.toMatchObject({ reason: 'ASSURANCE_TOO_LOW' })
    await expect(cancel(visitId)).rejects.toMatchObject({ reason: 'ASSURANCE_TOO_LOW' })
    const seen = await get(visitId, system())
    expect(JSON.stringify(seen)).not.toMatch(/fund|ada-mornings/)
    const strong = person(house.ada)
    const call = { ...strong, caller: { ...strong.caller, acr: 'eidas2' } as never }
    expect((await get(visitId, call))?.legs.map(({ member }) => member)).toEqual(['hall', 'fund'])
    await house.hall.postgres.query('DELETE FROM protected_subject')
  })

  it('says of each leg whether its member has confirmed what became of the visit', async () => {
    const visitId = randomUUID()
    await house.book({ visitId })
    expect((await get(visitId))?.legs.map(({ isConfirmed }) => isConfirmed)).toEqual([true, false])
    await house.carry('hall', 'fund')
    expect((await get(visitId))?.legs.map(({ isConfirmed }) => isConfirmed)).toEqual([true, true])
  })
})

describe('CancelVisit', () => {
  it('refuses a helper whose mandate has ended, and a mandate of anybody else', async () => {
    const visitId = await visit()
    const mandate = { reference: 'm1', fromDay: '2020-01-01', toDay: '2020-01-02' }
    await expect(cancel(visitId, { by: byHelper, mandate }, system())).rejects.toMatchObject({
      reason: 'MANDATE_ENDED',
    })
    await expect(cancel(visitId, { mandate })).rejects.toMatchObject({ facts: { field: 'mandate' } })
    expect((await get(visitId))?.state).toBe(booked)
  })

  it('refuses a visit that is none, another person’s, and an agent who is not named or does not say why', async () => {
    const visitId = await visit()
    await expect(cancel(randomUUID())).rejects.toMatchObject({ reason: 'VISIT_UNKNOWN' })
    await expect(cancel(visitId, {}, person(someone()))).rejects.toMatchObject({ reason: 'VISIT_UNKNOWN' })
    await expect(cancel(visitId, {}, system())).rejects.toMatchObject({ facts: { field: 'by' } })
    await expect(cancel(visitId, { by: byAgent }, system())).rejects.toMatchObject({ facts: { field: 'because' } })
    expect(await house.stand()).toMatchObject({ hall: ['booked'], fund: ['booked'] })
  })

  it('refuses a person shortly before, and everybody once it has begun or was released', async () => {
    const visitId = await visit()
    house.setNow(at('08:30'))
    await expect(cancel(visitId)).rejects.toMatchObject({ reason: 'CHANGE_TOO_LATE' })
    house.setNow(at('09:30'))
    await expect(cancel(visitId, agent, system())).rejects.toMatchObject({ reason: 'VISIT_ENDED' })
    expect(await house.stand()).toMatchObject({ hall: ['booked'], fund: ['booked'] })
    house.setNow(at('08:00') - 86_400_000)
    house.meanwhile(() => Promise.reject(new Error('cut')))
    const other = randomUUID()
    const subject = someone()
    const legs = house
      .request()
      .legs.map((leg) => ({ ...leg, slot: leg.slot && { ...leg.slot, startsAtMs: leg.slot.startsAtMs + 3_600_000 } }))
    expect(await house.book({ visitId: other, subject, legs }, person(subject))).toMatchObject({ state: released })
    await expect(cancel(other, {}, person(subject))).rejects.toMatchObject({ reason: 'VISIT_ENDED' })
  })

  it('cancels all meetings, here and at the other agency, and says it again', async () => {
    const visitId = await visit()
    expect(await cancel(visitId)).toMatchObject({
      state: cancelled,
      legs: [{ isCancelled: true }, { isConfirmed: false }],
    })
    expect(await cancel(visitId)).toMatchObject({ state: cancelled })
    await house.carry('hall', 'fund')
    expect(await house.stand()).toEqual({
      ...{ hall: ['cancelled'], fund: ['cancelled'], claims: { hall: 0, fund: 0 } },
      ...{ visits: ['cancelled'], pledges: ['cancelled'] },
    })
    expect(await house.book({ visitId: randomUUID() })).toMatchObject({ state: booked })
  })

  it('cancels only what has not begun', async () => {
    const visitId = await visit()
    house.setNow(at('09:10'))
    expect(await cancel(visitId, agent, system())).toMatchObject({ state: cancelled })
    await house.carry('hall', 'fund')
    expect(await house.stand()).toMatchObject({ hall: ['booked'], fund: ['cancelled'] })
  })

  it('releases a visit that is not decided, which then is not booked', async () => {
    const visitId = randomUUID()
    house.meanwhile(async (send) => {
      expect(await cancel(visitId)).toMatchObject({ state: released })
      return send()
    })
    expect(await house.book({ visitId })).toMatchObject({ state: released })
    await house.carry('hall', 'fund')
    expect(await house.stand()).toMatchObject({ hall: ['lapsed'], fund: ['lapsed'], claims: { hall: 0, fund: 0 } })
  })
})
