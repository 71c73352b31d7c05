import { randomUUID } from 'node:crypto'
import type { Caller } from '@unefois/chassis/caller'
import { VisitEnded, VisitLegCancelled, VisitState } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byAgent, person, system } from '../agency.fixture.js'
import { cancelAppointment } from '../rpc/cancel-appointment.js'
import { getVisit } from '../rpc/get-visit.js'
import { moveAppointment } from '../rpc/move-appointment.js'
import { pledgeSlot } from '../rpc/pledge-slot.js'
import { visitEnded, visitEndedType, visitLegCancelled, visitLegCancelledType } from '../visits/events.js'
import { visitConsumers } from '../visits/service.js'
import { type House, ofMember, openHouse, slotOf } from '../visits/visit.fixture.js'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
beforeEach(() => house.empty())
afterAll(() => house.close())

const { VISIT_STATE_PLEDGING: pledging } = VisitState
const hear = (to: 'hall' | 'fund', type: string, data: Uint8Array, sender = to === 'hall' ? 'fund' : 'hall') =>
  house[to].postgres.transaction(async (tx) =>
    visitConsumers(house[to])[type]?.apply(
      { sender: `${sender}/appointments`, type, data, position: 1, occurredAtMs: 1 },
      tx,
    ),
  )
const pledge = (visitId: string) =>
  pledgeSlot(house.fundNeeds).handle(
    {
      ...{ visitId, leg: 1, slot: slotOf('09:30'), code: 'ABCDEFGH' },
      ...{ language: 'fr', needs: undefined, sharedPlace: 'house' },
    },
    ofMember('hall'),
  )
const ended = (visitId: string, outcome: 'booked' | 'released' | 'cancelled', sender = 'hall') =>
  hear('fund', visitEndedType, visitEnded('fund', visitId, 1, outcome).data, sender)
const outgoing = async (from: 'hall' | 'fund', receiver: string) => {
  const { rows } = await house[from].postgres.query<{ data: Buffer }>(
    'SELECT data FROM outbox WHERE receiver = $1 ORDER BY id',
    [receiver],
  )
  return rows.map(({ data }) => data)
}
const systemsOfHallHear = async () =>
  (await house.hall.postgres.query(`SELECT FROM outbox WHERE receiver = 'documents'`)).rowCount

describe('what members tell each other of visits', () => {
  it('is heard from appointments services of members only', () => {
    const callers: Caller[] = [
      { kind: 'anyone' },
      { kind: 'neighbour', service: 'appointments' },
      { kind: 'system', clientId: 'desk', scopes: [] },
      { kind: 'member', member: 'hall' as never, service: 'documents' },
    ]
    for (const consumer of Object.values(visitConsumers(house.fund))) {
      expect(callers.map(consumer.isSender)).toEqual([false, false, false, false])
      expect(consumer.isSender({ kind: 'member', member: 'hall' as never, service: 'appointments' })).toBe(true)
    }
  })

  it('is confirmed and forgotten where it makes no sense', async () => {
    const visitId = randomUUID()
    await house.book({ visitId })
    const wrong = [
      { visitId: 'none', leg: 1, state: pledging },
      { visitId, leg: 9, state: pledging },
      { visitId, leg: 1, state: pledging },
      { visitId, leg: 1, state: 99 as never },
    ]
    for (const each of wrong) await hear('fund', visitEndedType, VisitEnded.encode(each).finish())
    expect(await house.stand()).toMatchObject({ fund: ['held'], pledges: ['pledged'] })
    for (const each of [
      { visitId: 'none', leg: 1, because: '' },
      { visitId: randomUUID(), leg: 1, because: '' },
      { visitId, leg: 2, because: '' },
    ])
      await hear('hall', visitLegCancelledType, VisitLegCancelled.encode(each).finish())
    // Of a leg only its own member may say so.
    await hear('hall', visitLegCancelledType, visitLegCancelled('hall', visitId, 1, '').data, 'stranger')
    await hear('hall', visitLegCancelledType, visitLegCancelled('hall', visitId, 0, '').data)
    const visit = (await getVisit(house.hallNeeds).handle({ visitId }, person(house.ada))).visit
    expect(visit?.legs.map(({ isCancelled }) => isCancelled)).toEqual([false, false])
  })
})

describe('the end of a visit', () => {
  it('is the end of that member’s pledge alone', async () => {
    const visitId = randomUUID()
    await pledge(visitId)
    await ended(visitId, 'released', 'stranger')
    expect(await house.stand()).toMatchObject({ fund: ['held'], claims: { fund: 1 } })
  })

  it.each([
    ['released', 'lapsed', 0],
    ['booked', 'booked', 1],
    ['cancelled', 'lapsed', 0],
  ] as const)('%s is applied once, however often it comes', async (outcome, state, claims) => {
    const visitId = randomUUID()
    await pledge(visitId)
    for (let times = 0; times < 3; times++) await ended(visitId, outcome)
    expect(await house.stand()).toMatchObject({ fund: [state], pledges: [outcome], claims: { fund: claims } })
    expect(await outgoing('fund', 'documents')).toHaveLength(outcome === 'booked' ? 1 : 0)
  })

  it('cancels what was booked, and changes nothing of what has begun', async () => {
    const visitId = randomUUID()
    await pledge(visitId)
    await ended(visitId, 'booked')
    await ended(visitId, 'released')
    expect(await house.stand()).toMatchObject({ fund: ['booked'], pledges: ['booked'] })
    house.setNow(slotOf('09:30').startsAtMs)
    await ended(visitId, 'cancelled')
    expect(await house.stand()).toMatchObject({ fund: ['booked'], pledges: ['cancelled'], claims: { fund: 1 } })
  })

  it('tells the member that there is no meeting, where a booked visit has no pledge here', async () => {
    const visitId = randomUUID()
    await ended(visitId, 'booked')
    const [event] = await outgoing('fund', 'hall/appointments')
    expect(VisitLegCancelled.decode(event ?? Buffer.alloc(0))).toEqual({ visitId, leg: 1, because: '' })
    await ended(visitId, 'booked')
    expect(await outgoing('fund', 'hall/appointments')).toHaveLength(1)
  })
})

describe('a meeting of a visit that its agency cancels', () => {
  const cancel = async (because: string) => {
    const { rows } = await house.fund.postgres.query<{ appointment_id: string }>(
      'SELECT appointment_id FROM appointment',
    )
    const asked = { appointmentId: rows[0]?.appointment_id ?? '', because, wholeSeries: false, by: byAgent }
    return house.fund.postgres.transaction((tx) => cancelAppointment(house.fund).effect(asked, system(), tx))
  }
  const legsOf = async (visitId: string) =>
    (await getVisit(house.hallNeeds).handle({ visitId }, person(house.ada))).visit?.legs

  it('is marked at the other one, once, which hears of it; the visit goes on', async () => {
    const visitId = randomUUID()
    await house.book({ visitId })
    await house.carry('hall', 'fund')
    const before = (await systemsOfHallHear()) ?? 0
    await cancel('The agent is ill.')
    await expect(cancel('The agent is ill.')).rejects.toMatchObject({ reason: 'APPOINTMENT_ENDED' })
    expect(await house.carry('fund', 'hall', 'unconfirmed')).toBe(1)
    await house.carry('fund', 'hall')
    expect(await legsOf(visitId)).toMatchObject([
      { isCancelled: false },
      { isCancelled: true, cancelledBecause: 'The agent is ill.' },
    ])
    expect(await systemsOfHallHear()).toBe(before + 1)
    expect(await house.stand()).toMatchObject({ hall: ['booked'], visits: ['booked'], pledges: ['cancelled'] })
  })

  it('keeps the visit from being booked while it is not decided', async () => {
    const visitId = randomUUID()
    house.meanwhile(async (send) => {
      const answer = await send()
      await cancel('The slot is needed.')
      await house.carry('fund', 'hall')
      return answer
    })
    const { VISIT_STATE_RELEASED: state } = VisitState
    expect(await house.book({ visitId })).toMatchObject({
      state,
      refusedBy: 'fund',
      refusedBecause: 'APPOINTMENT_ENDED',
    })
  })

  it('gives its slot back, also while it is only pledged', async () => {
    const visitId = randomUUID()
    await pledge(visitId)
    await cancel('The slot is needed.')
    expect(await house.stand()).toMatchObject({ fund: ['cancelled'], pledges: ['cancelled'], claims: { fund: 0 } })
    await ended(visitId, 'booked')
    expect(await house.stand()).toMatchObject({ fund: ['cancelled'], pledges: ['cancelled'], claims: { fund: 0 } })
  })

  it('is not moved, neither here nor there', async () => {
    await house.book()
    await house.carry('hall', 'fund')
    for (const agency of [house.hall, house.fund]) {
      const { rows } = await agency.postgres.query<{ appointment_id: string }>('SELECT appointment_id FROM appointment')
      const asked = { appointmentId: rows[0]?.appointment_id ?? '', slot: slotOf('11:00'), by: byAgent }
      const moved = agency.postgres.transaction((tx) => moveAppointment(agency).effect(asked, system(), tx))
      await expect(moved).rejects.toMatchObject({ reason: 'APPOINTMENT_ENDED' })
    }
  })
})
