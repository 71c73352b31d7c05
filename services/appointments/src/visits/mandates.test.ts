import { randomUUID } from 'node:crypto'
import { type CancelVisitRequest, VisitState } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { byAgent, byHelper, serviceType, system } from '../agency.fixture.js'
import { cancelVisit } from '../rpc/cancel-visit.js'
import { type House, openHouse } from './visit.fixture.js'

// The fund sees helpers by a mandate alone; the hall, where visits are booked, anybody.

let house: House
beforeAll(async () => {
  house = await openHouse({ fund: { serviceTypes: [serviceType({ needsMandate: true, visitMembers: ['hall'] })] } })
})
beforeEach(() => house.empty())
afterAll(() => house.close())

const mandate = { reference: 'm1', fromDay: '2026-01-01', toDay: '2026-12-31' }
const ended = { ...mandate, toDay: '2026-11-22' }
const { VISIT_STATE_BOOKED: booked, VISIT_STATE_RELEASED: released, VISIT_STATE_CANCELLED: cancelled } = VisitState
const cancel = async (visitId: string, change: Partial<CancelVisitRequest>) =>
  (await cancelVisit(house.hallNeeds).handle({ visitId, because: '', by: byHelper, ...change }, system())).visit

it('a helper without a mandate is refused what another agency gives by one alone, and nothing is kept anywhere', async () => {
  const refused = await house.book({ by: byHelper }, system())
  expect(refused).toMatchObject({ state: released, refusedBy: 'fund', refusedBecause: 'MANDATE_MISSING' })
  await house.settle()
  expect(await house.stand()).toMatchObject({
    claims: { hall: 0, fund: 0 },
    visits: ['released'],
    pledges: ['released'],
  })
})

it('a helper by a mandate in force is not, nor whoever needs none', async () => {
  expect(await house.book({ by: byHelper, mandate }, system())).toMatchObject({ state: booked })
  await house.empty()
  expect(await house.book({ by: byAgent }, system())).toMatchObject({ state: booked })
  await house.empty()
  expect(await house.book()).toMatchObject({ state: booked })
})

it('a helper cancels it by a mandate in force alone, also where the person booked it', async () => {
  const visitId = randomUUID()
  await house.book({ visitId })
  await house.carry('hall', 'fund')
  await expect(cancel(visitId, {})).rejects.toMatchObject({ reason: 'MANDATE_MISSING' })
  await expect(cancel(visitId, { mandate: ended })).rejects.toMatchObject({ reason: 'MANDATE_ENDED' })
  expect(await house.stand()).toMatchObject({ hall: ['booked'], fund: ['booked'] })
  expect(await cancel(visitId, { mandate })).toMatchObject({ state: cancelled })
})
