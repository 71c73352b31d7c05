import { randomUUID } from 'node:crypto'
import { AppointmentEventType } from '@unefois/proto/gen/unefois/appointments/v1/appointment_events'
import { Accessibility, Booker, MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { JoinWaitingListRequest, Waiting } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { WaitingState } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import {
  byAgent,
  byHelper,
  hallCalendar,
  hallPlace,
  person,
  practitioner,
  serviceType,
  someone,
  startMs,
  system,
  weekdays,
} from '../agency.fixture.js'
import { endHolds } from '../appointment/chores.js'
import { paris, slotAt } from '../desk.fixture.js'
import { endOffers, forgetWaiting, serveWaiting } from '../waiting/chores.js'
import { openWaitingDesk, type WaitingDesk } from '../waiting/waiting.fixture.js'
import { callNextTicket } from './call-next-ticket.js'
import { closeTicket } from './close-ticket.js'
import { publishCalendar } from './publish-calendar.js'
import { takeTicket } from './take-ticket.js'

const minuteMs = 60_000
const { WAITING_STATE_WAITING: waiting, WAITING_STATE_OFFERED: offered, WAITING_STATE_BOOKED: booked } = WaitingState

/** One slot each day, from nine to half past. */
const narrow = { schedules: [weekdays({ hours: [{ from: '09:00', to: '09:30' }] })] }
const nine = '2026-11-23T09:00'

let desk: WaitingDesk
const { MEETING_CHANNEL_COUNTER: counter, MEETING_CHANNEL_TELEPHONE: telephone } = MeetingChannel
beforeAll(async () => {
  desk = await openWaitingDesk()
})
beforeEach(async () => {
  await desk.postgres.query(
    'DELETE FROM ticket; DELETE FROM waiting; DELETE FROM appointment; DELETE FROM claim; DELETE FROM outbox; DELETE FROM protected_subject',
  )
  await desk.postgres.query('UPDATE opening SET is_full = false')
  desk.setNow(startMs)
  const calendar = hallCalendar({
    ...narrow,
    places: [hallPlace(), hallPlace({ placeId: 'far', zone: 'Indian/Reunion' })],
    serviceTypes: [
      serviceType(),
      serviceType({ serviceTypeId: 'shelter', isUrgent: true }),
      serviceType({ serviceTypeId: 'inside', booker: Booker.BOOKER_AGENT }),
      serviceType({ serviceTypeId: 'tax', needsMandate: true }),
      serviceType({ serviceTypeId: 'passport', hubReasons: ['PASSPORT'] }),
      serviceType({ serviceTypeId: 'advice', channels: [counter, telephone] }),
    ],
  })
  await publishCalendar(desk.agency).handle(calendar, system())
})
afterAll(() => desk.close())

/** Somebody has the Monday's only slot. */
const fill = async () => {
  const { appointment } = await desk.bookOne({ subject: someone(), slots: [slotAt(nine)], by: byAgent })
  return appointment
}
const cancel = (appointmentId: string) =>
  desk.cancel({ appointmentId, because: 'asked by telephone', by: byAgent }, system())
const inForce = { reference: 'm1', fromDay: '2026-11-01', toDay: '2026-11-23' }
const ended = { ...inForce, toDay: '2026-11-22' }
const byOtherHelper: Hand = {
  who: { $case: 'helper', value: { firstName: 'Lou', lastName: 'Petit', organisation: 'Maison France' } },
}
type Said = Omit<JoinWaitingListRequest, 'waiting'>

/** From here on the hall is there for taxes, where a helper needs a mandate. */
const openTax = () => {
  const tax = hallCalendar({ schedules: [weekdays({ serviceTypeIds: ['tax'] })] })
  return publishCalendar(desk.agency).handle({ ...tax, places: [], resources: [], serviceTypes: [] }, system())
}
const joinTax = (also: Said) => desk.join({ serviceTypeId: 'tax' }, system(), also)
const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => error,
  )

describe('JoinWaitingList', () => {
  it.each<[string, Partial<Waiting>, string]>([
    ['a service that nobody offers', { serviceTypeId: 'moon' }, 'SERVICE_TYPE_UNKNOWN'],
    ['an urgent motive', { serviceTypeId: 'shelter' }, 'URGENT_SEEN_TODAY'],
    ['what agents alone book', { serviceTypeId: 'inside' }, 'BOOKING_NOT_ALLOWED'],
    ['what needs a pre-application', { serviceTypeId: 'passport' }, 'BOOKING_NOT_ALLOWED'],
    ['a place that is none', { placeIds: ['hall', 'moon'] }, 'PLACE_UNKNOWN'],
    ['inverted days', { fromDay: '2026-12-02', toDay: '2026-12-01' }, 'RANGE_INVERTED'],
    ['ten years', { toDay: '2036-11-23' }, 'RANGE_TOO_LONG'],
    ['a day of next year but one', { fromDay: '2028-02-29', toDay: '2028-02-29' }, 'RANGE_TOO_LONG'],
    ['yesterday', { fromDay: '2026-11-22', toDay: '2026-11-22' }, 'TIME_PASSED'],
  ])('refuses %s, and keeps nobody', async (_, change, reason) => {
    expect(await refusalOf(desk.join(change))).toMatchObject({ reason })
    const { rows } = await desk.postgres.query('SELECT FROM waiting')
    expect(rows).toEqual([])
  })

  it.each<[string, Partial<Waiting>, string]>([
    ['a channel that is not offered', { channel: MeetingChannel.MEETING_CHANNEL_VIDEO }, 'waiting.channel'],
    ['no way to hear of it', { contact: undefined }, 'waiting.contact'],
    ['no telephone', { contact: { way: 'sms', address: '0612' } }, 'waiting.contact.address'],
    [
      'a call to nobody knows where',
      { serviceTypeId: 'advice', channel: telephone, contact: { way: 'none', address: '' } },
      'waiting.contact.reachedAt',
    ],
  ])('refuses %s, naming the field', async (_, change, field) => {
    expect(await refusalOf(desk.join(change))).toMatchObject({ reason: 'APPOINTMENT_INVALID', facts: { field } })
  })

  it.each([
    ['a day that is none', { fromDay: '2026-02-30' }],
    ['a short offer', { offerMinutes: 29 }],
    ['a long offer', { offerMinutes: 2881 }],
    ['nobody', { subject: '' }],
    ['no language', { language: '' }],
  ])('takes no %s', async (_, change) => {
    expect(await refusalOf(desk.join(change, system()))).toHaveProperty('issues')
  })

  it('refuses who names another, a system that names nobody, and a helper without a mandate in force', async () => {
    const mandate = { reference: 'm1', fromDay: '2026-11-01', toDay: '2026-11-22' }
    expect(await refusalOf(desk.join({}, person(someone())))).toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    expect(await refusalOf(desk.join({}, system()))).toMatchObject({ facts: { field: 'by' } })
    const tax = (also: object) => desk.join({ serviceTypeId: 'tax' }, system(), { by: byHelper, ...also })
    expect(await refusalOf(tax({}))).toMatchObject({ reason: 'MANDATE_MISSING' })
    expect(await refusalOf(tax({ mandate }))).toMatchObject({ reason: 'MANDATE_ENDED' })
    expect(await tax({ mandate: { ...mandate, toDay: '2026-11-23' } })).toMatchObject({ state: waiting })
  })

  it('has who says of no number wait for a counter, and who does for any way', async () => {
    const joined = (contact: Waiting['contact']) => {
      const subject = someone()
      return desk.join({ subject, serviceTypeId: 'advice', contact }, person(subject))
    }
    expect(await joined({ way: 'none', address: '' })).toMatchObject({ channel: counter })
    expect(await joined({ way: 'none', address: '', reachedAt: '+33612345678' })).toMatchObject({ channel: 0 })
  })

  it('lets a person wait once for the same, whatever an agent did for them', async () => {
    await fill()
    const subject = someone()
    await desk.join({ subject }, system(), { by: byAgent })
    const first = await desk.join({ subject })
    expect(await refusalOf(desk.join({ subject }))).toMatchObject({ reason: 'ALREADY_WAITING' })
    await desk.leave(first)
    expect((await desk.join({ subject })).state).toBe(waiting)
  })

  it('offers at once what is free, or books it, and tells the agency', async () => {
    const first = await desk.join()
    expect(first).toMatchObject({
      state: offered,
      slot: { startsAtMs: paris(nine), localStart: '2026-11-23T09:00+01:00', placeId: 'hall' },
      offeredUntilMs: startMs + 120 * minuteMs,
    })
    const second = await desk.join({ toDay: '2026-11-24', booksByItself: true })
    expect(second).toMatchObject({ state: booked, slot: { startsAtMs: paris('2026-11-24T09:00') } })
    const { appointments } = await desk.list({})
    expect(appointments).toMatchObject([
      { appointmentId: second.appointmentId, subject: second.subject, bookedBy: { who: { $case: 'service' } } },
    ])
    const told = (await desk.told()).map(({ type, reference }) => [type, reference])
    expect(told).toEqual([
      [AppointmentEventType.APPOINTMENT_EVENT_TYPE_OFFERED, first.waitingId],
      [AppointmentEventType.APPOINTMENT_EVENT_TYPE_BOOKED, second.appointmentId],
    ])
  })

  it('offers nothing that does not suit the needs that were stated', async () => {
    const step = { isAccompanied: false, accessibility: [Accessibility.ACCESSIBILITY_HEARING_LOOP], language: '' }
    expect((await desk.join({ needs: step })).state).toBe(waiting)
    expect((await desk.join({ placeIds: ['far'] })).state).toBe(waiting)
    expect((await desk.join()).state).toBe(offered)
  })

  it('offers who says their language nobody who does not speak it, also who signs', async () => {
    const of = (language: string) => ({ needs: { isAccompanied: false, accessibility: [], language } })
    expect((await desk.join(of('fsl'))).state).toBe(waiting)
    expect((await desk.join({ ...of('fsl'), booksByItself: true })).state).toBe(waiting)
    expect((await desk.join(of('fs'))).state).toBe(waiting)
    expect((await desk.join(of('FR'))).state).toBe(offered)
  })

  it('asks who has an appointment for the same already, in the place of booking a second one', async () => {
    const subject = someone()
    await desk.bookOne({ subject, slots: [slotAt('2026-11-24T09:00')] }, person(subject))
    const joined = await desk.join({ subject, booksByItself: true })
    expect(joined.state).toBe(offered)
    expect(await refusalOf(desk.take(joined))).toMatchObject({ reason: 'APPOINTMENT_LIMIT_REACHED' })
    expect((await desk.stands(joined)).state).toBe('offered')
  })
})

describe('what becomes free', () => {
  it('goes to who has waited longest and whom it fits, before anybody can find it', async () => {
    const { appointmentId } = await fill()
    const otherDay = await desk.join({ fromDay: '2026-11-30', toDay: '2026-11-30', placeIds: ['far'] })
    const first = await desk.join()
    const second = await desk.join()
    await cancel(appointmentId)
    expect((await desk.stands(otherDay)).state).toBe('waiting')
    expect((await desk.stands(first)).state).toBe('offered')
    expect((await desk.stands(second)).state).toBe('waiting')
    const third = desk.bookOne({ subject: someone(), slots: [slotAt(nine)], by: byAgent })
    expect(await refusalOf(third)).toMatchObject({ reason: 'SLOT_TAKEN' })
  })

  it('is not given to who signs where its agent does not, but to the next one; to them goes that of one who signs', async () => {
    const signing = weekdays({ ...narrow.schedules[0], scheduleId: 'bo-mornings', practitionerId: 'bo' })
    const publish = (isRetired: boolean) =>
      publishCalendar(desk.agency).handle(
        {
          ...{ places: [], serviceTypes: [], closures: [] },
          ...{ resources: [practitioner('bo', 'hall', ['fr', 'fsl'])], schedules: [{ ...signing, isRetired }] },
        },
        system(),
      )
    await publish(false)
    onTestFinished(async () => void (await publish(true)))
    const { appointmentId: withAda } = await fill()
    const withBo = await desk.bookOne({
      ...{ subject: someone(), slots: [{ ...slotAt(nine), scheduleId: 'bo-mornings' }], by: byAgent },
    })
    const deaf = await desk.join({ needs: { isAccompanied: false, accessibility: [], language: 'fsl' } })
    const next = await desk.join()
    await cancel(withAda)
    expect([(await desk.stands(deaf)).state, (await desk.stands(next)).state]).toEqual(['waiting', 'offered'])
    await cancel(withBo.appointment.appointmentId)
    expect(await desk.stands(deaf)).toMatchObject({ state: 'offered', said: { slot: { scheduleId: 'bo-mornings' } } })
  })

  it('is offered to the next one once the first declines or says nothing, and never again for the same time', async () => {
    const { appointmentId } = await fill()
    const people = [await desk.join(), await desk.join(), await desk.join({ offerMinutes: 30 })]
    const [first, second, third] = people as [Waiting, Waiting, Waiting]
    await cancel(appointmentId)
    const { waiting: declined } = await desk.decline(first)
    expect(declined).toMatchObject({ state: waiting, offeredUntilMs: 0, appointmentId: '' })
    expect(declined?.slot).toBeUndefined()
    expect((await desk.stands(second)).state).toBe('offered')

    desk.setNow(startMs + 119 * minuteMs)
    await endOffers(desk.agency)
    expect((await desk.stands(second)).state).toBe('offered')
    // The slot is at nine: it can be booked until then, and no offer lasts longer.
    desk.setNow(paris(nine) - minuteMs)
    expect((await desk.stands(second)).offeredUntilMs).toBe(startMs + 120 * minuteMs)
    desk.setNow(startMs + 60 * minuteMs)
    await desk.decline(second)
    expect(await desk.stands(third)).toMatchObject({ state: 'offered', offeredUntilMs: startMs + 90 * minuteMs })
    desk.setNow(startMs + 90 * minuteMs)
    expect(await refusalOf(desk.take(third))).toMatchObject({ reason: 'OFFER_EXPIRED' })
    await endOffers(desk.agency)
    expect(await Promise.all(people.map(desk.stands))).toMatchObject(people.map(() => ({ state: 'waiting' })))
    expect(await desk.claimed()).toEqual([])
    await serveWaiting(desk.agency)
    expect(await desk.claimed()).toEqual([])
  })

  it('is followed by what else became free while somebody thought about it', async () => {
    const { appointmentId } = await desk
      .bookOne({ subject: someone(), slots: [slotAt('2026-11-24T09:00')], by: byAgent })
      .then((done) => done.appointment)
    const first = await desk.join({ toDay: '2026-11-24' })
    await cancel(appointmentId)
    const { waiting: next } = await desk.decline(first)
    expect(next).toMatchObject({ state: offered, slot: { startsAtMs: paris('2026-11-24T09:00') } })
  })

  it('is booked without asking for who wants that', async () => {
    const { appointmentId } = await fill()
    const first = await desk.join({ booksByItself: true, contact: { way: 'email', address: 'a@b.fr' } })
    await cancel(appointmentId)
    const kept = await desk.stands(first)
    expect(kept.state).toBe('booked')
    const { appointment } = await desk.get({ appointmentId: kept.appointmentId ?? '' }, person(first.subject))
    expect(appointment).toMatchObject({ startsAtMs: paris(nine), contact: { way: 'email', address: 'a@b.fr' } })
    // It counts as theirs: they do not book another one for the same by themselves.
    const another = desk.bookOne({ subject: first.subject, slots: [slotAt('2026-11-24T09:00')] }, person(first.subject))
    expect(await refusalOf(another)).toMatchObject({ reason: 'APPOINTMENT_LIMIT_REACHED' })
  })

  it('comes from a move, a hold given back, and a hold that ended', async () => {
    const { appointmentId } = await fill()
    const [first, second] = [await desk.join(), await desk.join({ toDay: '2026-11-24' })]
    expect(second.slot?.startsAtMs).toBe(paris('2026-11-24T09:00'))
    await desk.move({ appointmentId, slot: slotAt('2026-11-25T09:00'), by: byAgent }, system())
    const kept = await desk.stands(first)
    expect(kept.state).toBe('offered')
    const third = await desk.join()
    await desk.release({ holdId: kept.appointmentId ?? '' }, person(first.subject))
    expect((await desk.stands(first)).state).toBe('waiting')
    expect((await desk.stands(third)).state).toBe('offered')
    await desk.leave(third)
    const other = someone()
    const hold = { subject: other, slot: slotAt(nine), isAccompanied: false }
    const { untilMs } = await desk.hold(hold, person(other))
    const fourth = await desk.join()
    expect(fourth.state).toBe(waiting)
    desk.setNow(untilMs)
    await endHolds(desk.agency)
    expect((await desk.stands(fourth)).state).toBe('offered')
  })

  it('comes from a calendar that was published, by the chore', async () => {
    await fill()
    const first = await desk.join()
    const longer = hallCalendar({ schedules: [weekdays({ hours: [{ from: '09:00', to: '10:00' }] })] })
    await publishCalendar(desk.agency).handle({ ...longer, places: [], resources: [], serviceTypes: [] }, system())
    await serveWaiting(desk.agency)
    expect(await desk.stands(first)).toMatchObject({
      state: 'offered',
      said: { slot: { startsAtMs: paris('2026-11-23T09:30') } },
    })
  })

  it('also fits a longer meeting, together with what is free beside it', async () => {
    const both = hallCalendar({
      serviceTypes: [serviceType({ serviceTypeId: 'long', durationMinutes: 60 })],
      schedules: [weekdays({ hours: [{ from: '09:00', to: '10:00' }], serviceTypeIds: ['id-card', 'long'] })],
    })
    await publishCalendar(desk.agency).handle({ ...both, places: [], resources: [] }, system())
    const { appointmentId } = await fill()
    const long = await desk.join({ serviceTypeId: 'long' })
    expect(long.state).toBe(waiting)
    await cancel(appointmentId)
    expect(await desk.stands(long)).toMatchObject({ state: 'offered' })
  })

  it('comes from a ticket that is closed before its time', async () => {
    const quick = hallCalendar({
      serviceTypes: [serviceType({ serviceTypeId: 'quick', durationMinutes: 10 })],
      schedules: [weekdays({ hours: [{ from: '09:00', to: '09:30' }], serviceTypeIds: ['id-card', 'quick'] })],
    })
    await publishCalendar(desk.agency).handle({ ...quick, places: [], resources: [] }, system())
    desk.setNow(paris(nine))
    const asked = { placeId: 'hall', serviceTypeId: 'id-card', subject: '' }
    const { ticket } = await desk.inTransaction((tx) => takeTicket(desk.agency).effect(asked, system(), tx))
    await desk.inTransaction((tx) => callNextTicket(desk.agency).effect({ practitionerId: 'ada' }, system(), tx))
    const first = await desk.join({ serviceTypeId: 'quick' })
    expect(first.state).toBe(waiting)
    desk.setNow(paris('2026-11-23T09:05'))
    const closing = { ticketId: ticket?.ticketId ?? '', isSeen: true }
    await desk.inTransaction((tx) => closeTicket(desk.agency).effect(closing, system(), tx))
    expect(await desk.stands(first)).toMatchObject({
      ...{ state: 'offered', said: { slot: { startsAtMs: paris('2026-11-23T09:10') } } },
    })
  })

  it('is kept for who is accompanied as long as it is for them', async () => {
    const kept = serviceType({ reservedPercent: 100, reservedUntilHours: 1 })
    await publishCalendar(desk.agency).handle(
      { ...hallCalendar(), places: [], resources: [], schedules: [], serviceTypes: [kept] },
      system(),
    )
    const { appointmentId } = await fill()
    const first = await desk.join()
    const accompanied = await desk.join({ needs: { isAccompanied: true, accessibility: [], language: '' } })
    await cancel(appointmentId)
    expect((await desk.stands(first)).state).toBe('waiting')
    await desk.decline({ ...accompanied, waitingId: accompanied.waitingId })
    desk.setNow(paris('2026-11-23T08:10'))
    await serveWaiting(desk.agency)
    expect((await desk.stands(first)).state).toBe('offered')
  })
})

describe('AnswerOffer', () => {
  it('refuses who is not meant, what was not offered, and who says nobody’s name', async () => {
    const other = person(someone())
    const first = await desk.join()
    const second = await desk.join()
    const answer = { waitingId: first.waitingId, isTaken: true }
    expect(await refusalOf(desk.answer(answer, other))).toMatchObject({ reason: 'WAITING_UNKNOWN' })
    expect(await refusalOf(desk.answer({ ...answer, waitingId: randomUUID() }, other))).toMatchObject({
      reason: 'WAITING_UNKNOWN',
    })
    expect(await refusalOf(desk.answer(answer, system()))).toMatchObject({ facts: { field: 'by' } })
    expect(await refusalOf(desk.take(second))).toMatchObject({ reason: 'OFFER_EXPIRED' })
    expect(await refusalOf(desk.decline(second))).toMatchObject({ reason: 'OFFER_EXPIRED' })
    desk.setNow(first.offeredUntilMs)
    expect(await refusalOf(desk.take(first))).toMatchObject({ reason: 'OFFER_EXPIRED' })
    await desk.leave(second)
    expect(await refusalOf(desk.take(second))).toMatchObject({ reason: 'WAITING_ENDED' })
  })

  it('books what is taken, once, by whose hand it was', async () => {
    const first = await desk.join()
    const { waiting: taken, appointment } = await desk.take(first)
    expect(taken).toMatchObject({ state: booked, appointmentId: first.appointmentId })
    expect(appointment).toMatchObject({ startsAtMs: paris(nine), bookedBy: { who: { $case: 'person' } } })
    expect(await refusalOf(desk.take(first))).toMatchObject({ reason: 'WAITING_ENDED' })
    expect(await refusalOf(desk.leave(first))).toMatchObject({ reason: 'WAITING_ENDED' })
    // It stands: no chore ends it.
    desk.setNow(first.offeredUntilMs + 1)
    await endOffers(desk.agency)
    expect(await desk.claimed()).toMatchObject([{ holder_id: first.appointmentId }])
  })

  it('knows what was taken by booking the hold itself', async () => {
    const first = await desk.join()
    await desk.bookOne({ subject: first.subject, holdIds: [first.appointmentId] }, person(first.subject))
    expect(await refusalOf(desk.take(first))).toMatchObject({ reason: 'WAITING_ENDED' })
    desk.setNow(first.offeredUntilMs + 1)
    await endOffers(desk.agency)
    expect((await desk.stands(first)).state).toBe('booked')
  })

  it.each([
    ['booked at once by a helper whose mandate is in force', 0, 'booked'],
    ['only offered where it has ended since', 24 * 60, 'offered'],
  ])('is %s', async (_, minutes, state) => {
    const slots = [slotAt('2026-11-26T09:00')]
    const { appointment } = await desk.bookOne({ subject: someone(), slots, by: byAgent })
    const mandate = { reference: 'm1', fromDay: '2026-11-01', toDay: '2026-11-23' }
    const asked = { fromDay: '2026-11-26', toDay: '2026-11-26', booksByItself: true, subject: someone() }
    const joined = await desk.join(asked, system(), { by: byHelper, mandate })
    desk.setNow(startMs + minutes * minuteMs)
    await cancel(appointment.appointmentId)
    expect((await desk.stands(joined)).state).toBe(state)
  })

  it('has helper B take by their own mandate what helper A joined for, and refuses them by that of A', async () => {
    await openTax()
    const [first, second] = [await joinTax({ by: byHelper, mandate: inForce }), await joinTax({ by: byAgent })]
    const take = ({ waitingId }: Waiting, also: object) =>
      desk.answer({ waitingId, isTaken: true, by: byOtherHelper, ...also }, system())
    expect(await refusalOf(take(first, {}))).toMatchObject({ reason: 'MANDATE_MISSING' })
    expect((await desk.stands(first)).state).toBe('offered')
    const theirs = { ...inForce, reference: 'm2' }
    expect((await take(first, { mandate: theirs })).appointment).toMatchObject({
      ...{ mandate: theirs, bookedBy: byOtherHelper },
    })
    expect((await desk.stands(first)).said.mandate).toEqual(inForce)
    expect((await take(second, { mandate: theirs })).appointment).toMatchObject({ mandate: theirs })
  })

  it('keeps no mandate with what is taken by who showed none', async () => {
    const mine = await desk.join({}, system(), { by: byHelper, mandate: inForce })
    const { appointment } = await desk.take(mine)
    expect([appointment?.bookedBy?.who?.$case, appointment?.mandate]).toEqual(['person', undefined])
    const another = await desk.join({ toDay: '2026-11-24' }, system(), { by: byHelper, mandate: inForce })
    const answer = { waitingId: another.waitingId, isTaken: true, by: byOtherHelper }
    expect((await desk.answer(answer, system())).appointment?.mandate).toBeUndefined()
  })
})

describe('a helper on the waiting list', () => {
  const acts = {
    take: (waitingId: string, also: Said) => desk.answer({ waitingId, isTaken: true, ...also }, system()),
    decline: (waitingId: string, also: Said) => desk.answer({ waitingId, isTaken: false, ...also }, system()),
    leave: (waitingId: string, also: Said) => desk.leaveBy({ waitingId, ...also }, system()),
  }
  const named = [
    ['take', 'booked'],
    ['decline', 'waiting'],
    ['leave', 'left'],
  ] as const

  it.each(named)('does not %s without a mandate in force, and does with one', async (act, state) => {
    await openTax()
    // Whatever helper A showed, and where nobody showed any.
    for (const joined of [await joinTax({ by: byHelper, mandate: inForce }), await joinTax({ by: byAgent })]) {
      const acting = (also: Said) => acts[act](joined.waitingId, { by: byOtherHelper, ...also })
      expect(await refusalOf(acting({}))).toMatchObject({ reason: 'MANDATE_MISSING' })
      expect(await refusalOf(acting({ mandate: ended }))).toMatchObject({ reason: 'MANDATE_ENDED' })
      expect(await refusalOf(acting({ mandate: { ...inForce, reference: '' } }))).toMatchObject({
        facts: { field: 'mandate.reference' },
      })
      const untouched = await desk.stands(joined)
      expect([untouched.state, untouched.appointmentId]).toEqual(['offered', joined.appointmentId])
      await acting({ mandate: inForce })
      expect((await desk.stands(joined)).passedMs).toHaveLength(act === 'take' ? 0 : 1)
      expect((await desk.stands(joined)).state).toBe(act === 'decline' ? 'offered' : state)
    }
  })

  it.each(named)(
    'does not %s by a mandate that has ended where none is needed, and does without',
    async (act, state) => {
      const joined = await desk.join({}, system(), { by: byAgent })
      const acting = (also: Said) => acts[act](joined.waitingId, { by: byHelper, ...also })
      expect(await refusalOf(acting({ mandate: ended }))).toMatchObject({ reason: 'MANDATE_ENDED' })
      expect((await desk.stands(joined)).state).toBe('offered')
      await acting({})
      expect((await desk.stands(joined)).state).toBe(state)
    },
  )

  it.each(named)('alone shows a mandate to %s, and a system says by whose hand', async (act) => {
    const joined = await desk.join({}, system(), { by: byAgent })
    const refused = (also: Said) => refusalOf(acts[act](joined.waitingId, also))
    expect(await refused({})).toMatchObject({ reason: 'APPOINTMENT_INVALID', facts: { field: 'by' } })
    expect(await refused({ by: byAgent, mandate: inForce })).toMatchObject({ facts: { field: 'mandate' } })
    const unnamed = {
      who: { $case: 'helper' as const, value: { firstName: 'Lou', lastName: 'Petit', organisation: '' } },
    }
    expect(await refused({ by: unnamed })).toMatchObject({ facts: { field: 'by.helper.organisation' } })
    expect((await desk.stands(joined)).state).toBe('offered')
    await acts[act](joined.waitingId, { by: byAgent })
    expect((await desk.stands(joined)).state).not.toBe('offered')
  })
})

describe('LeaveWaitingList', () => {
  it('refuses who is not meant; said twice it is the same', async () => {
    const first = await desk.join()
    expect(await refusalOf(desk.leave(first, person(someone())))).toMatchObject({ reason: 'WAITING_UNKNOWN' })
    const own = person(first.subject)
    for (const [also, field] of [
      [{ by: byHelper }, 'by'],
      [{ mandate: inForce }, 'mandate'],
    ] as const)
      expect(await refusalOf(desk.leaveBy({ waitingId: first.waitingId, ...also }, own))).toMatchObject({
        ...{ reason: 'APPOINTMENT_INVALID', facts: { field } },
      })
    expect((await desk.stands(first)).state).toBe('offered')
    await desk.leave(first)
    await desk.leave(first)
    expect((await desk.stands(first)).state).toBe('left')
  })

  it('gives what was offered to who waits next', async () => {
    const [first, second] = [await desk.join(), await desk.join()]
    await desk.leave(first)
    expect((await desk.stands(second)).state).toBe('offered')
  })
})

describe('ListWaiting', () => {
  const page = { subject: '', serviceTypeId: '', pageSize: 0, pageToken: '' }

  it('refuses a person who does not name themselves, a weak login of a protected one, and a foreign page', async () => {
    const subject = someone()
    expect(await refusalOf(desk.listWaiting(page, person(subject)))).toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    expect(await refusalOf(desk.listWaiting({ ...page, pageToken: '1~x' }, system()))).toMatchObject({
      reason: 'PAGE_TOKEN_MISMATCH',
    })
    expect(await refusalOf(desk.listWaiting({ ...page, pageToken: 'x' }, system()))).toMatchObject({
      reason: 'PAGE_TOKEN_MISMATCH',
    })
    await desk.inTransaction((tx) => desk.protectedSubjects.protect(tx, [subject], startMs * 2))
    expect(await refusalOf(desk.listWaiting({ ...page, subject }, person(subject)))).toMatchObject({
      reason: 'ASSURANCE_TOO_LOW',
    })
    const home = { way: 'post', address: '2 rue du Lac', reachedAt: '2 rue du Lac' }
    await desk.join({ subject, contact: home }, system(), { by: byAgent })
    const { waiting: hidden } = await desk.listWaiting(page, system())
    expect(hidden).toMatchObject([{ subject, slot: undefined, placeIds: [], contact: { way: 'post', address: '' } }])
    expect(JSON.stringify(hidden)).not.toContain('Lac')
  })

  it('answers who waits page by page, and to a person their own, also what has ended', async () => {
    const everybody = [await desk.join(), await desk.join(), await desk.join()]
    const left = everybody[1] as Waiting
    await desk.leave(left)
    const first = await desk.listWaiting({ ...page, pageSize: 1 }, system())
    const second = await desk.listWaiting({ ...page, pageSize: 1, pageToken: first.nextPageToken }, system())
    const ids = [...first.waiting, ...second.waiting].map(({ waitingId }) => waitingId)
    expect(ids).toEqual([everybody[0]?.waitingId, everybody[2]?.waitingId])
    const own = await desk.listWaiting({ ...page, subject: left.subject }, person(left.subject))
    expect(own.waiting).toMatchObject([{ waitingId: left.waitingId, state: WaitingState.WAITING_STATE_LEFT }])
  })
})

describe('the waiting list at rest', () => {
  it('says nothing in clear of how somebody is reached, ends with its days, and is deleted with its key', async () => {
    await fill()
    const joined = await desk.join({ contact: { way: 'email', address: 'ada@secret.example' } })
    const { rows } = await desk.postgres.query('SELECT * FROM waiting')
    expect(JSON.stringify(rows)).not.toContain('secret.example')
    desk.setNow(paris('2026-11-24T00:00'))
    await forgetWaiting(desk.agency)
    expect((await desk.stands(joined)).state).toBe('ended')
    expect(await refusalOf(desk.take(joined))).toMatchObject({ reason: 'WAITING_ENDED' })
    desk.setNow(paris('2026-12-25T00:00'))
    await forgetWaiting(desk.agency)
    expect(await desk.waiting.get(joined.waitingId)).toBeUndefined()
    expect(await desk.fileKeys.of(desk.postgres, joined.waitingId)).toBeUndefined()
  })
})
