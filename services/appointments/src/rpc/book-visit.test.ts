import { randomUUID } from 'node:crypto'
import { systemClock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { type BookVisitRequest, VisitState } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byAgent, byHelper, person, someone, system } from '../agency.fixture.js'
import { at, elsewhere, type House, openHouse, slotOf } from '../visits/visit.fixture.js'
import { bookAppointment } from './book-appointment.js'
import { getVisitOutcome } from './get-visit-outcome.js'
import { holdSlot } from './hold-slot.js'
import { pledgeSlot } from './pledge-slot.js'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
beforeEach(() => house.empty())
afterAll(() => house.close())

const own = { member: 'hall', slot: slotOf('09:00') }
const other = { member: 'fund', slot: slotOf('09:30') }
const legs = (...all: { member: string; slot: ReturnType<typeof slotOf> }[]) => ({ legs: all })
const nothing = { hall: [], fund: [], claims: { hall: 0, fund: 0 }, visits: [], pledges: [] }
const { VISIT_STATE_BOOKED: booked, VISIT_STATE_RELEASED: released } = VisitState

describe('BookVisit', () => {
  it.each<[string, Partial<BookVisitRequest>, string]>([
    ['a visit without an own meeting', legs(other, { ...other, slot: slotOf('10:00') }), 'VISIT_INVALID'],
    ['two meetings at once', legs(own, { ...other, slot: slotOf('09:00') }), 'VISIT_INVALID'],
    ['a slot that is none', legs({ ...own, slot: slotOf('09:10') }, other), 'SLOT_UNKNOWN'],
    [
      'a service type that is none',
      legs({ ...own, slot: slotOf('09:00', { serviceTypeId: 'x' }) }, other),
      'SERVICE_TYPE_UNKNOWN',
    ],
    ['no word about how to be told', { contact: undefined }, 'APPOINTMENT_INVALID'],
    ['a person who names an agent', { by: byAgent }, 'APPOINTMENT_INVALID'],
    ['a person who names another', { subject: someone() }, 'CALLER_NOT_ALLOWED'],
    ['two meetings for one motive', legs(own, { ...own, slot: slotOf('10:00') }, other), 'APPOINTMENT_LIMIT_REACHED'],
  ])('refuses %s, and keeps nothing', async (_, change, reason) => {
    await expect(house.book(change)).rejects.toMatchObject({ reason })
    expect(await house.stand()).toEqual(nothing)
  })

  it.each(elsewhere)(
    'refuses channel %i, also of another member’s meeting, whatever it knows of the person',
    async (channel) => {
      const contact = {
        way: 'email',
        address: 'ada@example.org',
        reachedAt: channel === 4 ? '2 rue du Lac' : '+33612345678',
      }
      const ownElsewhere = { ...own, slot: slotOf('09:00', { channel }) }
      await expect(house.book({ ...legs(ownElsewhere, other), contact })).rejects.toMatchObject({
        reason: 'VISIT_INVALID',
        facts: { field: 'legs.0.slot.channel' },
      })
      house.meanwhile(() => Promise.reject(new Error('nobody is asked')))
      const theirsElsewhere = { ...other, slot: slotOf('09:30', { channel }) }
      await expect(house.book({ ...legs(own, theirsElsewhere), contact })).rejects.toMatchObject({
        reason: 'VISIT_INVALID',
        facts: { field: 'legs.1.slot.channel' },
      })
      expect(await house.stand()).toEqual(nothing)
    },
  )

  it('keeps no number and no home of who comes to a counter', async () => {
    const contact = { way: 'email', address: 'ada@example.org', reachedAt: '+33612345678' }
    const visit = await house.book({ contact })
    const [meeting] = visit?.legs ?? []
    const kept = await house.hall.appointments.get(meeting?.appointmentId ?? '')
    expect(kept?.said.contact).toEqual({ way: 'email', address: 'ada@example.org' })
  })

  it('refuses a system that names nobody, and a helper whose mandate has ended', async () => {
    await expect(house.book({}, system())).rejects.toMatchObject({
      reason: 'APPOINTMENT_INVALID',
      facts: { field: 'by' },
    })
    const mandate = { reference: 'm1', fromDay: '2026-01-01', toDay: '2026-11-22' }
    await expect(house.book({ by: byHelper, mandate }, system())).rejects.toMatchObject({ reason: 'MANDATE_ENDED' })
    expect(await house.stand()).toEqual(nothing)
  })

  it('refuses a slot that somebody has, and asks nobody', async () => {
    await house.book({ subject: house.ada })
    house.meanwhile(() => Promise.reject(new Error('nobody is asked')))
    const subject = someone()
    await expect(house.book({ subject }, person(subject))).rejects.toMatchObject({ reason: 'SLOT_TAKEN' })
  })

  it('refuses a person who has an appointment for it already, and does not limit who is helped', async () => {
    const asks = {
      ...house.request(),
      subject: house.ada,
      holdIds: [],
      slots: [slotOf('11:00')],
      note: '',
      preApplications: [],
      isSecondConfirmed: false,
    }
    await house.hall.postgres.transaction((tx) => bookAppointment(house.hall).effect(asks, person(house.ada), tx))
    await expect(house.book()).rejects.toMatchObject({ reason: 'APPOINTMENT_LIMIT_REACHED' })
    expect(await house.book({ by: byHelper }, system())).toMatchObject({ state: booked })
  })

  it('refuses the same id for another visit, and hides another person’s', async () => {
    const visitId = randomUUID()
    await house.book({ visitId })
    const elsewhere = legs(own, { ...other, slot: slotOf('10:00') })
    await expect(house.book({ visitId, ...elsewhere })).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
    const eve = someone()
    await expect(house.book({ visitId, subject: eve }, person(eve))).rejects.toMatchObject({ reason: 'VISIT_UNKNOWN' })
    const named = { visitId, subject: eve, by: byAgent }
    await expect(house.book(named, system())).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
  })

  it('books all meetings, tells the other agency no name, and each agency’s systems what they have', async () => {
    const visit = await house.book()
    expect(visit).toMatchObject({
      state: booked,
      refusedBy: '',
      legs: [
        { member: 'hall', endsAtMs: at('09:30'), isConfirmed: true, isCancelled: false },
        { member: 'fund', endsAtMs: at('10:00'), appointmentId: '', isConfirmed: false, isCancelled: false },
      ],
    })
    expect(visit?.code).toMatch(/^[A-HJ-NP-Z2-9]{8}$/)
    expect(await house.stand()).toMatchObject({ hall: ['booked'], fund: ['held'] })
    expect(await house.carry('hall', 'fund')).toBe(1)
    expect(await house.stand()).toEqual({
      ...{ hall: ['booked'], fund: ['booked'], claims: { hall: 1, fund: 1 }, visits: ['booked'], pledges: ['booked'] },
    })
    for (const { postgres } of [house.hall, house.fund]) {
      const { rows } = await postgres.query(`SELECT type FROM outbox WHERE receiver = 'documents'`)
      expect(rows).toEqual([{ type: 'appointments.appointment-event.v1' }])
    }
    const kept = await house.fund.postgres.query(`SELECT FROM appointment WHERE subject <> ''`)
    expect(kept.rowCount).toBe(0)
  })

  it('takes the place of a hold of the same person', async () => {
    const asks = {
      subject: house.ada,
      slot: slotOf('09:00'),
      isAccompanied: false,
      by: undefined,
      secret: undefined,
      mandate: undefined,
    }
    await house.hall.postgres.transaction((tx) => holdSlot(house.hall).effect(asks, person(house.ada), tx))
    expect(await house.book()).toMatchObject({ state: booked })
    expect(await house.stand()).toMatchObject({ hall: ['booked'], claims: { hall: 1 } })
  })

  it('books nothing where a member says no, and says who and why', async () => {
    const hall = house.request()
    await pledgeSlot(house.fundNeeds).handle(
      { ...hall, leg: 1, slot: slotOf('09:30'), code: 'ABCDEFGH', sharedPlace: 'house' } as never,
      { ...system(), caller: { kind: 'member', member: 'hall' as never, service: 'appointments' } },
    )
    expect(await house.book()).toMatchObject({ state: released, refusedBy: 'fund', refusedBecause: 'SLOT_TAKEN' })
    await house.settle()
    expect(await house.stand()).toMatchObject({ hall: ['lapsed'], visits: ['released'], claims: { hall: 0, fund: 0 } })
  })

  it('books nothing where meetings overlap or lie hours apart', async () => {
    const long = { ...own, slot: slotOf('09:00', { units: 2 }) }
    expect(await house.book(legs(long, other))).toMatchObject({
      state: released,
      refusedBy: 'hall',
      refusedBecause: 'VISIT_INVALID',
    })
    const late = { ...other, slot: slotOf('11:30') }
    expect(await house.book({ ...legs({ ...own, slot: slotOf('09:00') }, late) })).toMatchObject({ state: booked })
    const tomorrow = { ...other, slot: slotOf('11:30', { startsAtMs: at('11:30') + 86_400_000 }) }
    const subject = someone()
    const apart = { subject, ...legs({ ...own, slot: slotOf('10:00') }, tomorrow) }
    expect(await house.book(apart, person(subject))).toMatchObject({ state: released, refusedBecause: 'VISIT_INVALID' })
  })

  it('answers the same id what became of it, also at the same moment', async () => {
    const visitId = randomUUID()
    const visits = await Promise.all([1, 2, 3, 4].map(() => house.book({ visitId })))
    expect(new Set(visits.map((visit) => visit?.state))).toEqual(new Set([booked]))
    expect(new Set(visits.map((visit) => visit?.code)).size).toBe(1)
    expect(await house.stand()).toMatchObject({ hall: ['booked'], fund: ['held'], claims: { hall: 1, fund: 1 } })
    expect(await house.book({ visitId })).toMatchObject({ state: booked })
  })

  it('takes an id in capitals for the same', async () => {
    const visitId = randomUUID()
    expect(await house.book({ visitId: visitId.toUpperCase() })).toMatchObject({ visitId, state: booked })
    expect(await house.book({ visitId })).toMatchObject({ visitId, state: booked })
  })

  it('goes on where a process ended between its two transactions', async () => {
    const visitId = randomUUID()
    // The process that asked never hears of the answer.
    let heard: (() => void) | undefined
    const asked = new Promise<void>((resolve) => {
      heard = resolve
    })
    house.meanwhile(async (send) => {
      await send()
      heard?.()
      return new Promise(() => undefined)
    })
    void house.book({ visitId })
    await asked
    expect(await house.stand()).toMatchObject({ hall: ['held'], fund: ['held'], visits: ['pledging'] })
    house.meanwhile((send) => send())
    expect(await house.book({ visitId })).toMatchObject({ state: booked })
    await house.settle()
    expect(await house.stand()).toMatchObject({ hall: ['booked'], fund: ['booked'] })
  })

  it('lets nobody use what it keeps while it is not decided', async () => {
    const visitId = randomUUID()
    let go: (() => void) | undefined
    let heard: (() => void) | undefined
    const asked = new Promise<void>((resolve) => {
      heard = resolve
    })
    house.meanwhile(async (send) => {
      heard?.()
      await new Promise<void>((resolve) => {
        go = resolve
      })
      return send()
    })
    const booking = house.book({ visitId })
    await asked
    const { rows } = await house.hall.postgres.query<{ appointment_id: string }>(
      'SELECT appointment_id FROM appointment',
    )
    const asks = { ...house.request(), slots: [], note: '', preApplications: [], isSecondConfirmed: false }
    const held = { ...asks, subject: house.ada, holdIds: [rows[0]?.appointment_id ?? ''] }
    const book = house.hall.postgres.transaction((tx) =>
      bookAppointment(house.hall).effect(held, person(house.ada), tx),
    )
    await expect(book).rejects.toMatchObject({ reason: 'HOLD_UNKNOWN' })
    const again = {
      subject: house.ada,
      slot: slotOf('11:00'),
      isAccompanied: false,
      by: undefined,
      secret: undefined,
      mandate: undefined,
    }
    const hold = house.hall.postgres.transaction((tx) => holdSlot(house.hall).effect(again, person(house.ada), tx))
    await expect(hold).rejects.toMatchObject({ reason: 'APPOINTMENT_LIMIT_REACHED' })
    go?.()
    expect(await booking).toMatchObject({ state: booked })
  })

  it.each<[string, Parameters<House['meanwhile']>[0]]>([
    ['the question is lost', () => Promise.reject(new MeshError('PROVIDER_UNREACHABLE'))],
    ['the answer is lost', (send) => send().then(() => Promise.reject(new MeshError('PROVIDER_UNREACHABLE')))],
  ])('releases everything where %s', async (_, way) => {
    house.meanwhile(way)
    expect(await house.book()).toMatchObject({
      state: released,
      refusedBy: 'fund',
      refusedBecause: 'PROVIDER_UNREACHABLE',
    })
    await house.carry('hall', 'fund')
    expect(await house.stand()).toMatchObject({ hall: ['lapsed'], visits: ['released'], claims: { hall: 0, fund: 0 } })
  })

  it('refuses a pledge that arrives after the news that the visit was released', async () => {
    let late: (() => Promise<unknown>) | undefined
    house.meanwhile((send) => {
      late = send
      return Promise.reject(new MeshError('PROVIDER_UNREACHABLE'))
    })
    await house.book()
    await house.carry('hall', 'fund')
    await expect(late?.()).rejects.toMatchObject({ reason: 'VISIT_ENDED' })
    expect(await house.stand()).toMatchObject({ fund: [], pledges: ['released'], claims: { hall: 0, fund: 0 } })
  })

  it('gives back a pledge that arrives before that news and after the decision', async () => {
    let late: (() => Promise<unknown>) | undefined
    house.meanwhile((send) => {
      late = send
      return Promise.reject(new MeshError('PROVIDER_UNREACHABLE'))
    })
    await house.book()
    await late?.()
    expect(await house.stand()).toMatchObject({ fund: ['held'] })
    await house.carry('hall', 'fund')
    expect(await house.stand()).toMatchObject({ fund: ['lapsed'], claims: { fund: 0 } })
  })

  it('books nothing that is decided too late', async () => {
    house.meanwhile(async (send) => {
      const answer = await send()
      house.hall.setNow(house.hall.runtime.clock.nowMs() + 30_000)
      return answer
    })
    expect(await house.book()).toMatchObject({
      state: released,
      refusedBy: 'hall',
      refusedBecause: 'DEADLINE_EXCEEDED',
    })
    await house.carry('hall', 'fund')
    expect(await house.stand()).toMatchObject({ hall: ['lapsed'], fund: ['lapsed'], claims: { hall: 0, fund: 0 } })
  })

  it('decides in the time that its caller has, and asks nobody without any', async () => {
    house.meanwhile(() => Promise.reject(new Error('nobody is asked')))
    const call = { ...person(house.ada), deadline: Deadline.after(6, systemClock) }
    while (call.deadline.remainingMs() > 0) await Promise.resolve()
    expect(await house.book({}, call)).toMatchObject({ state: released, refusedBy: 'fund' })
  })
})

describe('GetVisitOutcome', () => {
  const outcome = (visitId: string, member: string) =>
    getVisitOutcome(house.hallNeeds).handle(
      { visitId },
      { ...system(), caller: { kind: 'member', member: member as never, service: 'appointments' } },
    )

  it('refuses whoever is no member', async () => {
    const asked = getVisitOutcome(house.hallNeeds).handle({ visitId: randomUUID() }, system())
    await expect(asked).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
  })

  it('answers a member of the visit what became of it, and anybody else as for one that is not known', async () => {
    const visitId = randomUUID()
    await house.book({ visitId })
    expect(await outcome(visitId, 'fund')).toEqual({ state: booked })
    expect(await outcome(visitId, 'stranger')).toEqual({ state: released })
    expect(await outcome(randomUUID(), 'fund')).toEqual({ state: released })
  })
})
