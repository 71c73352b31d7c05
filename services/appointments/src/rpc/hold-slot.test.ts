import type { HoldSlotRequest, SlotChosen } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { atGateway, byAgent, byHelper, person, someone, startMs, system } from '../agency.fixture.js'
import { type Desk, holdOf, openDesk, paris, slotAt } from '../desk.fixture.js'
import { townCalendar } from '../town.fixture.js'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk(townCalendar)
})
beforeEach(async () => {
  desk.setNow(startMs)
  await desk.empty()
})
afterAll(() => desk.close())

const ada = someone()
const nine = '2026-11-23T09:00'
const slot = (change: Partial<SlotChosen>) => slotAt(nine, change)
const mandate = { reference: 'M-1', fromDay: '2026-11-01', toDay: '2026-11-22' }
const advice = slot({ serviceTypeId: 'advice' })

describe('HoldSlot refuses', () => {
  it.each<[string, Partial<HoldSlotRequest>, string, string?]>([
    ['another person', { subject: someone() }, 'CALLER_NOT_ALLOWED'],
    ['a person who names a hand', { by: byAgent }, 'APPOINTMENT_INVALID', 'by'],
    ['a person with a secret', { secret: { of: { $case: 'link', value: 'x' } } }, 'APPOINTMENT_INVALID', 'secret'],
    ['a person who shows a mandate', { mandate }, 'APPOINTMENT_INVALID', 'mandate'],
    ['a service type that is none', { slot: slot({ serviceTypeId: 'none' }) }, 'SERVICE_TYPE_UNKNOWN'],
    ['a retired one', { slot: slot({ serviceTypeId: 'old' }) }, 'SERVICE_TYPE_UNKNOWN'],
    ['an urgent one', { slot: slot({ serviceTypeId: 'shelter' }) }, 'URGENT_SEEN_TODAY'],
    ['what only agents book', { slot: slot({ serviceTypeId: 'staff' }) }, 'BOOKING_NOT_ALLOWED'],
    ['a schedule that is none', { slot: slot({ scheduleId: 'none' }) }, 'SLOT_UNKNOWN'],
    ['a schedule that does not offer it', { slot: slot({ scheduleId: 'gus-workshops' }) }, 'SLOT_UNKNOWN'],
    ['a time beside the grid', { slot: slotAt('2026-11-23T09:10') }, 'SLOT_UNKNOWN'],
    ['a time outside of the opening', { slot: slotAt('2026-11-23T12:00') }, 'SLOT_UNKNOWN'],
    ['a time that would last beyond the opening', { slot: slotAt('2026-11-23T11:30', { units: 2 }) }, 'SLOT_UNKNOWN'],
    ['a day on which nobody is there', { slot: slotAt('2026-11-28T09:00') }, 'SLOT_UNKNOWN'],
    ['a time that has passed', { slot: slotAt('2026-11-23T06:30') }, 'TIME_PASSED'],
    ['a channel that is not offered', { slot: slot({ channel: 3 }) }, 'APPOINTMENT_INVALID', 'slot.channel'],
    ['too short a notice', { slot: slotAt('2026-11-23T09:30', { serviceTypeId: 'limited' }) }, 'SLOT_NOT_OPEN'],
    ['too far ahead', { slot: slotAt('2026-11-27T09:00', { serviceTypeId: 'limited' }) }, 'SLOT_NOT_OPEN'],
    ['a kept slot', { slot: slotAt('2026-11-23T09:30', { serviceTypeId: 'kept' }) }, 'SLOT_RESERVED'],
    [
      'several in a group',
      { slot: slot({ serviceTypeId: 'workshop', scheduleId: 'gus-workshops', units: 2 }) },
      'APPOINTMENT_INVALID',
      'slot.units',
    ],
  ])('%s', async (_, change, reason, field) => {
    const refused = desk.hold(holdOf({ subject: ada, ...change }), person(ada))
    await expect(refused).rejects.toMatchObject({ reason, ...(field && { facts: { field } }) })
    expect(await desk.claimed()).toEqual([])
  })

  it.each<[string, Partial<HoldSlotRequest>, string, string?]>([
    ['nobody’s hand', {}, 'APPOINTMENT_INVALID', 'by'],
    ['a helper without a mandate', { slot: advice, by: byHelper }, 'MANDATE_MISSING'],
    ['a helper whose mandate ended yesterday', { slot: advice, by: byHelper, mandate }, 'MANDATE_ENDED'],
    ['a helper for what agents book', { slot: slot({ serviceTypeId: 'staff' }), by: byHelper }, 'BOOKING_NOT_ALLOWED'],
    ['an agent with a mandate', { by: byAgent, mandate }, 'APPOINTMENT_INVALID', 'mandate'],
    ['a past slot of an agent', { slot: slotAt('2026-11-23T06:30'), by: byAgent }, 'TIME_PASSED'],
  ])('a system with %s', async (_, change, reason, field) => {
    const refused = desk.hold(holdOf({ subject: ada, ...change }), system())
    await expect(refused).rejects.toMatchObject({ reason, ...(field && { facts: { field } }) })
  })

  it.each<[string, Partial<HoldSlotRequest>, string, string?]>([
    ['no secret', {}, 'BOOKING_NOT_ALLOWED'],
    ['the secret of an appointment', { secret: { of: { $case: 'appointment', value: 'x' } } }, 'BOOKING_NOT_ALLOWED'],
    ['a link that leads nowhere', { secret: { of: { $case: 'link', value: 'x' } } }, 'BOOKING_LINK_UNKNOWN'],
    [
      'what is no pre-application',
      { secret: { of: { $case: 'preApplication', value: 'x' } } },
      'PRE_APPLICATION_INVALID',
      'secret.preApplication',
    ],
    [
      'a pre-application where nobody asks the hub',
      { secret: { of: { $case: 'preApplication', value: 'ABCDE12345' } }, slot: slot({ serviceTypeId: 'passport' }) },
      'BOOKING_NOT_ALLOWED',
    ],
    ['a subject', { subject: ada, secret: { of: { $case: 'link', value: 'x' } } }, 'APPOINTMENT_INVALID', 'subject'],
  ])('the gateway with %s', async (_, change, reason, field) => {
    const refused = desk.hold(holdOf(change), atGateway())
    await expect(refused).rejects.toMatchObject({ reason, ...(field && { facts: { field } }) })
  })

  it('a slot that somebody has, also for an agent', async () => {
    await desk.hold(holdOf({ subject: ada }), person(ada))
    const bob = someone()
    await expect(desk.hold(holdOf({ subject: bob }), person(bob))).rejects.toMatchObject({ reason: 'SLOT_TAKEN' })
    await expect(desk.hold(holdOf({ by: byAgent }), system())).rejects.toMatchObject({ reason: 'SLOT_TAKEN' })
  })

  it('a person who has an appointment for the motive already', async () => {
    await desk.bookOne({ subject: ada, slots: [slot({})] }, person(ada))
    const further = holdOf({ subject: ada, slot: slotAt('2026-11-24T09:00') })
    await expect(desk.hold(further, person(ada))).rejects.toMatchObject({ reason: 'APPOINTMENT_LIMIT_REACHED' })
  })
})

describe('HoldSlot', () => {
  it('keeps the slot for the minutes of the service type', async () => {
    const limited = holdOf({ subject: ada, slot: slotAt('2026-11-24T09:00', { serviceTypeId: 'limited' }) })
    const { holdId, untilMs } = await desk.hold(limited, person(ada))
    expect(untilMs).toBe(startMs + 3 * 60_000)
    const { appointment } = await desk.get({ appointmentId: holdId }, person(ada))
    expect(appointment).toMatchObject({ state: 1, heldUntilMs: untilMs, subject: ada })
    expect(await desk.told()).toEqual([])
  })

  it('lets a person’s further hold for the same motive take the place of the first', async () => {
    const first = await desk.hold(holdOf({ subject: ada }), person(ada))
    const again = await desk.hold(holdOf({ subject: ada }), person(ada))
    const later = await desk.hold(holdOf({ subject: ada, slot: slotAt('2026-11-24T09:00') }), person(ada))
    expect((await desk.claimed()).map((each) => each.holder_id)).toEqual([later.holdId])
    for (const { holdId } of [first, again])
      await expect(desk.get({ appointmentId: holdId }, person(ada))).rejects.toMatchObject({
        reason: 'APPOINTMENT_UNKNOWN',
      })
  })

  it('limits neither another motive, nor an agent or a helper', async () => {
    const at = (hour: string, serviceTypeId: string) => slotAt(`2026-11-24T${hour}`, { serviceTypeId })
    await desk.hold(holdOf({ subject: ada, slot: at('09:00', 'id-card') }), person(ada))
    await desk.hold(holdOf({ subject: ada, slot: at('09:30', 'counter') }), person(ada))
    for (const [hour, by] of [
      ['10:00', byAgent],
      ['10:30', byAgent],
      ['11:00', byHelper],
      ['11:30', byHelper],
    ] as const)
      await desk.hold(holdOf({ subject: ada, slot: at(hour, 'id-card'), by }), system())
    expect(await desk.claimed()).toHaveLength(6)
  })

  it('is open to whoever says that they are accompanied, and to everybody from the release on', async () => {
    const kept = slotAt('2026-11-23T09:30', { serviceTypeId: 'kept' })
    await desk.hold(holdOf({ subject: ada, slot: kept, isAccompanied: true }), person(ada))
    desk.setNow(paris('2026-11-23T07:45'))
    const bob = someone()
    const open = slotAt('2026-11-23T09:00', { serviceTypeId: 'kept' })
    await desk.hold(holdOf({ subject: bob, slot: open }), person(bob))
    expect(await desk.claimed()).toHaveLength(2)
  })

  it('takes the place of a hold that is over', async () => {
    const { untilMs } = await desk.hold(holdOf({ subject: ada }), person(ada))
    const bob = someone()
    desk.setNow(untilMs - 1)
    await expect(desk.hold(holdOf({ subject: bob }), person(bob))).rejects.toMatchObject({ reason: 'SLOT_TAKEN' })
    desk.setNow(untilMs)
    await desk.hold(holdOf({ subject: bob }), person(bob))
    expect(await desk.claimed()).toHaveLength(1)
  })
})

describe('ReleaseHold', () => {
  it('refuses another one’s hold, an appointment, and what is none', async () => {
    const { holdId } = await desk.hold(holdOf({ subject: ada }), person(ada))
    const bob = someone()
    const { appointment } = await desk.bookOne({ subject: bob, slots: [slotAt('2026-11-24T09:00')] }, person(bob))
    const ids = [holdId, appointment.appointmentId, '00000000-0000-4000-8000-000000000000']
    for (const id of ids)
      await expect(desk.release({ holdId: id }, person(bob))).rejects.toMatchObject({ reason: 'HOLD_UNKNOWN' })
    await expect(desk.release({ holdId }, atGateway())).rejects.toMatchObject({ reason: 'HOLD_UNKNOWN' })
    expect(await desk.claimed()).toHaveLength(2)
  })

  it('gives the slot back, and again is the same', async () => {
    const { holdId } = await desk.hold(holdOf({ subject: ada }), person(ada))
    await desk.release({ holdId }, person(ada))
    await desk.release({ holdId }, person(ada))
    expect(await desk.claimed()).toEqual([])
    await desk.hold(holdOf({ subject: ada }), person(ada))
  })
})
