import type { Transaction } from '@unefois/chassis/postgres'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type {
  MoveAppointmentRequest,
  MoveAppointmentResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { lockedFor, requireMayChooseWhere } from '../appointment/access.js'
import { type Changer, changerBehind } from '../appointment/changes.js'
import { appointmentEvent } from '../appointment/events.js'
import type { AppointmentNeeds } from '../appointment/needs.js'
import { invalid, requireNone } from '../appointment/refusals.js'
import { appointmentViews } from '../appointment/view.js'
import { knownType, meetingChosen, unitsOf } from '../booking/chosen-meeting.js'
import { claimSlot } from '../booking/claim-slot.js'
import { afterReleased } from '../booking/freed.js'
import { requireMandate } from '../booking/party.js'
import { reachOf } from '../booking/reach.js'
import type { AppointmentSaid, KeptAppointment } from '../domain/appointment.js'
import { mayFollow } from '../domain/appointment-state.js'
import { wholeAppointment } from '../domain/appointment-view.js'
import { bookerRefusal, changeRefusal } from '../domain/booking-rules.js'
import type { Calendar } from '../domain/calendar.js'
import { contactFor } from '../domain/contact.js'
import { groupSessionId, type Meeting } from '../domain/meeting.js'
import { movedTo } from '../domain/new-appointment.js'
import { appointmentId, by, mandate, orEmpty, secret, slot } from './appointment-fields.js'

type Slot = NonNullable<MoveAppointmentRequest['slot']>

/** Only when, where and how it is changes. */
const requireSameMeeting = (
  { serviceTypeId, units, scheduleId, startsAtMs, channel }: Slot,
  kept: KeptAppointment,
  calendar: Calendar,
) => {
  if (serviceTypeId !== kept.serviceTypeId)
    throw invalid({ field: 'slot.serviceTypeId', what: 'is that of the appointment' })
  if (units !== 0 && units !== kept.said.units)
    throw invalid({ field: 'slot.units', what: 'is that of the appointment' })
  const isSame =
    startsAtMs === kept.startsAtMs &&
    calendar.schedules.get(scheduleId)?.no === kept.scheduleNo &&
    channel === kept.said.channel
  if (isSame) throw invalid({ field: 'slot', what: 'is another one than now' })
}

/** Where it is to be. Errors: as `meetingChosen`. */
const newMeeting = (
  needs: AppointmentNeeds,
  calendar: Calendar,
  { said, serviceTypeId }: KeptAppointment,
  chosen: Slot,
  { way }: Changer,
  tx: Transaction,
): Promise<Meeting> => {
  const type = knownType(calendar, serviceTypeId)
  const wish = { way, isAccompanied: said.needs?.isAccompanied === true }
  const wanted = { ...chosen, units: unitsOf(said) }
  return meetingChosen(needs, calendar, { slot: wanted, type, field: 'slot', wish }, tx)
}

/** Error: APPOINTMENT_INVALID for a channel by which nobody knows how to reach the person. */
const reachedByNow = ({ said }: KeptAppointment, { channel }: Meeting): AppointmentSaid['contact'] => {
  const contact = contactFor(said.contact, reachOf(channel))
  if ('field' in contact)
    throw invalid({ field: 'slot.channel', what: 'is one by which the appointment says how to reach you' })
  return contact
}

/** Takes the new slot beside the former one, then leaves that. Error: SLOT_TAKEN. Answers the claims that were left. */
const swapClaims = async (needs: AppointmentNeeds, tx: Transaction, kept: KeptAppointment, meeting: Meeting) => {
  if (meeting.schedule.no === kept.scheduleNo && meeting.startsAtMs === kept.startsAtMs) return []
  const former = await needs.claims.of(kept.appointmentId, tx)
  const group = groupSessionId(kept.scheduleNo, kept.serviceTypeId, kept)
  const formerSessionId = former.map(({ sessionId }) => sessionId).find((sessionId) => sessionId !== group)
  const holder = { holderId: kept.appointmentId, expiresAtMs: undefined, formerSessionId }
  if ((await claimSlot(tx, needs, { meeting, holder })) === 'taken') throw new MeshError('SLOT_TAKEN')
  await needs.claims.drop(tx, former)
  return former
}

/**
 * Errors: APPOINTMENT_UNKNOWN, APPOINTMENT_ENDED, CHANGE_TOO_LATE, ASSURANCE_TOO_LOW, CALLER_NOT_ALLOWED, and as HoldSlot for the slot; APPOINTMENT_INVALID
 * for another kind of meeting, and for a channel by which nobody knows how to reach the person.
 */
export const moveAppointment = (
  needs: AppointmentNeeds,
): EffectRpc<MoveAppointmentRequest, MoveAppointmentResponse> => ({
  request: z.object({ appointmentId: orEmpty(appointmentId), slot, by, secret, mandate }),
  effect: async (request, call, tx) => {
    const { runtime, book, appointments, tellHub } = needs
    const nowMs = Math.floor(runtime.clock.nowMs())
    const chosen = request.slot as Slot
    const changer = changerBehind(call, request.by)
    const before = await lockedFor(needs, tx, call, request)
    await requireMayChooseWhere(needs, call, before, tx)
    const calendar = await book.current(tx)
    // A meeting of a visit follows others, of which this agency knows nothing.
    const isMovable = mayFollow(before.state, 'booked') && before.state !== 'held' && before.visitId === undefined
    if (!isMovable) throw new MeshError('APPOINTMENT_ENDED')
    requireSameMeeting(chosen, before, calendar)
    const type = knownType(calendar, before.serviceTypeId)
    requireNone(bookerRefusal(type, changer.way))
    requireMandate(needs, changer.way, request.mandate, type)
    requireNone(changeRefusal(before, type, changer.way, nowMs))
    const meeting = await newMeeting(needs, calendar, before, chosen, changer, tx)

    const contact = reachedByNow(before, meeting)
    const left = await swapClaims(needs, tx, before, meeting)
    const after = movedTo(before, meeting, contact, nowMs)
    if (!after) throw new MeshError('APPOINTMENT_ENDED')
    await appointments.save(tx, after)
    if (after.said.preApplications.length > 0)
      await tellHub(tx, { before: wholeAppointment(calendar, before), after: wholeAppointment(calendar, after) })
    const freed = await afterReleased(tx, needs, [before], left)
    await runtime.outbox.add(tx, [...freed, appointmentEvent('moved', after.appointmentId, nowMs)])
    const [appointment] = await appointmentViews(needs, [after], call, tx)
    return { appointment }
  },
})
