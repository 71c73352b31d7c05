import type { InviteToBookRequest } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { atGateway, byAgent, byHelper, person, someone, startMs } from '../agency.fixture.js'
import { bookingOf, type Desk, holdOf, openDesk, slotAt } from '../desk.fixture.js'
import { townCalendar } from '../town.fixture.js'
import { findByPreApplications } from './find-by-pre-applications.js'
import { getBookingLink } from './get-booking-link.js'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk(townCalendar)
})
beforeEach(async () => {
  desk.setNow(startMs)
  await desk.empty()
})
afterAll(() => desk.close())

const dayMs = 86_400_000
const invitation = (change: Partial<InviteToBookRequest> = {}): InviteToBookRequest => ({
  serviceTypeId: 'id-card',
  placeIds: [],
  subject: '',
  isAccompanied: false,
  expiresAtMs: startMs + 7 * dayMs,
  by: byAgent,
  ...change,
})
const link = (value: string) => ({ of: { $case: 'link' as const, value } })
const appointment = (value: string) => ({ of: { $case: 'appointment' as const, value } })
const nine = [slotAt('2026-11-24T09:00')]
const linkOf = (secret: string) => getBookingLink(desk.agency).handle({ secret }, atGateway())

describe('InviteToBook refuses', () => {
  it.each<[string, Partial<InviteToBookRequest>, string, string?]>([
    ['what is no service type', { serviceTypeId: 'none' }, 'SERVICE_TYPE_UNKNOWN'],
    ['what is seen the same day', { serviceTypeId: 'shelter' }, 'URGENT_SEEN_TODAY'],
    ['what nobody books by a link', { serviceTypeId: 'advice' }, 'BOOKING_NOT_ALLOWED'],
    ['what agents book', { serviceTypeId: 'staff' }, 'BOOKING_NOT_ALLOWED'],
    ['a place that is none', { placeIds: ['hall', 'none'] }, 'PLACE_UNKNOWN'],
    ['less than a day', { expiresAtMs: startMs + dayMs - 1 }, 'APPOINTMENT_INVALID', 'expiresAtMs'],
    ['more than 366 days', { expiresAtMs: startMs + 366 * dayMs + 1 }, 'APPOINTMENT_INVALID', 'expiresAtMs'],
    ['nobody’s hand', { by: undefined }, 'APPOINTMENT_INVALID', 'by'],
    ['a helper', { by: byHelper }, 'APPOINTMENT_INVALID', 'by'],
  ])('%s', async (_, change, reason, field) => {
    await expect(desk.invite(invitation(change))).rejects.toMatchObject({ reason, ...(field && { facts: { field } }) })
  })
})

describe('a booking link', () => {
  it('leads nowhere when it is none, is over, or was used', async () => {
    const unknown = { reason: 'BOOKING_LINK_UNKNOWN' }
    await expect(linkOf('x')).rejects.toMatchObject(unknown)
    const used = await desk.invite(invitation())
    await desk.bookOne({ slots: nine, secret: link(used.secret) }, atGateway())
    const other = [slotAt('2026-11-24T09:30')]
    await expect(linkOf(used.secret)).rejects.toMatchObject(unknown)
    await expect(desk.bookOne({ slots: other, secret: link(used.secret) }, atGateway())).rejects.toMatchObject(unknown)
    const late = await desk.invite(invitation())
    desk.setNow(startMs + 7 * dayMs)
    await expect(linkOf(late.secret)).rejects.toMatchObject(unknown)
    await expect(desk.hold(holdOf({ secret: link(late.secret) }), atGateway())).rejects.toMatchObject(unknown)
  })

  it('is for its service type and its places alone, for one appointment, and for the gateway', async () => {
    const { secret } = await desk.invite(invitation({ placeIds: ['annex'] }))
    const invalid = (field: string) => ({ reason: 'APPOINTMENT_INVALID', facts: { field } })
    const shown = { secret: link(secret) }
    const limited = [slotAt('2026-11-24T09:00', { serviceTypeId: 'limited' })]
    await expect(desk.bookOne({ slots: nine, ...shown }, atGateway())).rejects.toMatchObject(
      invalid('slots.0.scheduleId'),
    )
    await expect(desk.bookOne({ slots: limited, ...shown }, atGateway())).rejects.toMatchObject(
      invalid('slots.0.serviceTypeId'),
    )
    const two = ['09:00', '09:30'].map((hour) => slotAt(`2026-11-24T${hour}`, { scheduleId: 'ursula-mornings' }))
    await expect(desk.bookOne({ slots: two, ...shown }, atGateway())).rejects.toMatchObject(invalid('slots'))
    const ada = someone()
    await expect(desk.bookOne({ subject: ada, slots: nine, ...shown }, person(ada))).rejects.toMatchObject(
      invalid('secret'),
    )
    // None of it has used the link up.
    await linkOf(secret)
  })

  it('says what may be booked by it, and books it for whom it was given', async () => {
    const ada = someone()
    const { secret } = await desk.invite(invitation({ subject: ada, isAccompanied: true, placeIds: ['hall'] }))
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(await linkOf(secret)).toEqual({
      serviceTypeId: 'id-card',
      placeIds: ['hall'],
      isAccompanied: true,
      expiresAtMs: startMs + 7 * dayMs,
    })
    const { holdId } = await desk.hold(holdOf({ slot: nine[0], secret: link(secret) }), atGateway())
    const booked = await desk.bookOne({ holdIds: [holdId], secret: link(secret) }, atGateway())
    expect(booked.appointment).toMatchObject({ subject: ada, needs: { isAccompanied: true } })
    expect(booked.secret).not.toBe(secret)
    const seen = await desk.get({ appointmentId: '', secret: appointment(booked.secret) }, atGateway())
    expect(seen).toEqual({ appointment: booked.appointment, series: [] })
    // Nor is a link the secret of the appointment.
    await expect(desk.get({ appointmentId: '', secret: appointment(secret) }, atGateway())).rejects.toMatchObject({
      reason: 'APPOINTMENT_UNKNOWN',
    })
    await desk.get({ appointmentId: holdId }, person(ada))
    await desk.bookOne({ subject: ada, slots: [slotAt('2026-11-25T09:00')] }, person(ada))
  })

  it('holds one slot at a time, which another link does not book', async () => {
    const [mine, other] = [await desk.invite(invitation()), await desk.invite(invitation())]
    await desk.hold(holdOf({ secret: link(mine.secret) }), atGateway())
    const { holdId } = await desk.hold(holdOf({ slot: nine[0], secret: link(mine.secret) }), atGateway())
    expect(await desk.claimed()).toHaveLength(1)
    const booking = { holdIds: [holdId] }
    await expect(desk.bookOne({ ...booking, secret: link(other.secret) }, atGateway())).rejects.toMatchObject({
      reason: 'HOLD_UNKNOWN',
    })
    await expect(desk.bookOne({ ...booking, by: byAgent })).rejects.toMatchObject({ reason: 'HOLD_UNKNOWN' })
    await expect(desk.release({ holdId, secret: link(other.secret) }, atGateway())).rejects.toMatchObject({
      reason: 'HOLD_UNKNOWN',
    })
    await desk.release({ holdId, secret: link(mine.secret) }, atGateway())
    expect(await desk.claimed()).toEqual([])
  })

  it('books once, however many try at the same time', async () => {
    const { secret } = await desk.invite(invitation())
    const hours = ['09:00', '09:30', '10:00', '10:30', '11:00']
    const outcomes = await Promise.allSettled(
      hours.map((hour) =>
        desk.book(bookingOf({ slots: [slotAt(`2026-11-24T${hour}`)], secret: link(secret) }), atGateway()),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason.reason).toBe('BOOKING_LINK_UNKNOWN')
    expect(await desk.claimed()).toHaveLength(1)
  })

  it('is kept as a hash alone', async () => {
    const { secret } = await desk.invite(invitation())
    const { rows } = await desk.postgres.query('SELECT * FROM booking_link')
    expect(JSON.stringify(rows)).not.toContain(secret)
    expect(rows[0]?.secret_sha256).toHaveLength(32)
  })
})

describe('FindByPreApplications', () => {
  const find = (...preApplications: string[]) =>
    findByPreApplications(desk.agency).handle({ preApplications }, atGateway())

  it('answers nothing for what nobody has, is none, is over, or was cancelled', async () => {
    const slots = [slotAt('2026-11-24T09:00', { serviceTypeId: 'passport' })]
    const first = await desk.bookOne({ slots, preApplications: ['ABCDE12345'], by: byAgent })
    await desk.cancel({ appointmentId: first.appointment.appointmentId, by: byAgent, because: 'x' })
    await desk.bookOne({ slots, preApplications: ['ZZZZZ00000'], by: byAgent })
    desk.setNow(startMs + 2 * dayMs)
    expect(await find('ABCDE12345', 'ZZZZZ00000', '0000000000', "'")).toEqual({ booked: [] })
  })

  it('answers each appointment of each number, with the wall clock of the place', async () => {
    const slots = [slotAt('2026-11-24T09:00', { serviceTypeId: 'passport', units: 2 })]
    const { appointment: booked } = await desk.bookOne({
      slots,
      preApplications: ['ABCDE12345', 'ZZZZZ00000'],
      by: byAgent,
    })
    const { appointmentId } = booked
    const known = { appointmentId, placeId: 'hall', place: booked.place?.title, localStart: '2026-11-24T09:00' }
    expect(await find('ZZZZZ00000', 'ABCDE12345', 'ZZZZZ00000')).toEqual({
      booked: [
        { preApplication: 'ZZZZZ00000', ...known },
        { preApplication: 'ABCDE12345', ...known },
      ],
    })
  })
})
