import type { EffectRpc } from '@unefois/chassis/rpc'
import {
  AppointmentState,
  type RecordAttendanceRequest,
  type RecordAttendanceResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { lockedFor } from '../appointment/access.js'
import type { AppointmentNeeds } from '../appointment/needs.js'
import { invalid } from '../appointment/refusals.js'
import { appointmentViews } from '../appointment/view.js'
import { afterReleased } from '../booking/freed.js'
import { handBehind } from '../booking/party.js'
import { stateName, takesSlot } from '../domain/appointment-state.js'
import { type Attendance, attended } from '../domain/attendance.js'
import { appointmentId, by } from './appointment-fields.js'

const sayable: readonly AppointmentState[] = [
  AppointmentState.APPOINTMENT_STATE_ARRIVED,
  AppointmentState.APPOINTMENT_STATE_FULFILLED,
  AppointmentState.APPOINTMENT_STATE_NO_SHOW,
]

/** Errors: APPOINTMENT_UNKNOWN, APPOINTMENT_ENDED, APPOINTMENT_INVALID where it is too early to say, or no agent is named. */
export const recordAttendance = (
  needs: AppointmentNeeds,
): EffectRpc<RecordAttendanceRequest, RecordAttendanceResponse> => ({
  request: z.object({
    appointmentId,
    state: z.enum(AppointmentState).refine((state) => sayable.includes(state), 'not ARRIVED, FULFILLED or NO_SHOW'),
    by,
  }),
  effect: async (request, call, tx) => {
    const { runtime, book, appointments, claims } = needs
    const hand = handBehind(call, request.by, ['agent'])
    const before = await lockedFor(needs, tx, call, request)
    const { places } = await book.current(tx)
    const zone = places.get(before.placeId)?.zone ?? 'Europe/Paris'
    const said = { state: stateName(request.state) as Attendance, hand }
    const after = attended(before, said, zone, runtime.clock.nowMs())
    if (typeof after === 'string') throw new MeshError(after)
    if ('field' in after) throw invalid(after)
    await appointments.save(tx, after)
    // What is left of the time is free.
    const released = takesSlot(after.state) ? [] : await claims.release(tx, [after.appointmentId])
    const events = await afterReleased(tx, needs, [after], released)
    if (events.length > 0) await runtime.outbox.add(tx, events)
    const [appointment] = await appointmentViews(needs, [after], call, tx)
    return { appointment }
  },
})
