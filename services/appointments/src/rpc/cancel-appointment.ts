import type { EffectRpc } from '@unefois/chassis/rpc'
import type {
  CancelAppointmentRequest,
  CancelAppointmentResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { lockedFor, lockedSeriesFor } from '../appointment/access.js'
import { changerBehind } from '../appointment/changes.js'
import { appointmentEvent } from '../appointment/events.js'
import type { AppointmentNeeds } from '../appointment/needs.js'
import { invalid } from '../appointment/refusals.js'
import { appointmentViews } from '../appointment/view.js'
import { afterReleased } from '../booking/freed.js'
import { requireMandate } from '../booking/party.js'
import type { KeptAppointment } from '../domain/appointment.js'
import { wholeAppointment } from '../domain/appointment-view.js'
import { cancelled, cancelledSeries } from '../domain/cancellation.js'
import { afterMeetingsCancelled } from '../visits/pledges.js'
import { appointmentId, by, mandate, orEmpty, secret } from './appointment-fields.js'

/**
 * Of a series what has begun stays, and for a person also what it is too late for. Errors: APPOINTMENT_UNKNOWN, APPOINTMENT_ENDED,
 * CHANGE_TOO_LATE, ASSURANCE_TOO_LOW, MANDATE_MISSING, MANDATE_ENDED, APPOINTMENT_INVALID for a hand that is not named or does not say why.
 */
export const cancelAppointment = (
  needs: AppointmentNeeds,
): EffectRpc<CancelAppointmentRequest, CancelAppointmentResponse> => ({
  request: z.object({
    appointmentId: orEmpty(appointmentId),
    because: z.string().max(500),
    wholeSeries: z.boolean(),
    by,
    secret,
    mandate,
  }),
  effect: async (request, call, tx) => {
    const { runtime, book, appointments, claims, tellHub } = needs
    const nowMs = Math.floor(runtime.clock.nowMs())
    const { because } = request
    const cancelling = { ...changerBehind(call, request.by), because }
    if (cancelling.way === 'agent' && because.trim() === '')
      throw invalid({ field: 'because', what: 'says why, as an agent cancels' })
    const calendar = await book.current(tx)
    const typeOf = ({ serviceTypeId }: KeptAppointment) =>
      calendar.serviceTypes.get(serviceTypeId) ?? { changeUntilMinutes: 0, needsMandate: false }

    const { named, series } = request.wholeSeries
      ? await lockedSeriesFor(needs, tx, call, request)
      : { named: await lockedFor(needs, tx, call, request), series: undefined }
    for (const each of series ?? [named]) requireMandate(needs, cancelling.way, request.mandate, typeOf(each))
    const ended = series
      ? cancelledSeries(series, named, typeOf, cancelling, nowMs)
      : cancelled(named, typeOf(named), cancelling, nowMs)
    if (typeof ended === 'string') throw new MeshError(ended)
    const after = 'appointmentId' in ended ? [ended] : ended

    for (const each of after) await appointments.save(tx, each)
    const ids = after.map((each) => each.appointmentId)
    const released = await claims.release(tx, ids)
    for (const each of after)
      if (each.said.preApplications.length > 0) await tellHub(tx, { before: wholeAppointment(calendar, each) })
    const freed = await afterReleased(tx, needs, after, released)
    const toldOfVisits = await afterMeetingsCancelled(needs, tx, after, because)
    const events = ids.map((id) => appointmentEvent('cancelled', id, nowMs))
    await runtime.outbox.add(tx, [...freed, ...toldOfVisits, ...events])
    return { appointments: await appointmentViews(needs, after, call, tx) }
  },
})
