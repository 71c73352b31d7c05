import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type {
  Appointment,
  GetAppointmentRequest,
  GetAppointmentResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { z } from 'zod'
import { appointmentFor } from '../appointment/access.js'
import type { AppointmentReading } from '../appointment/needs.js'
import { appointmentViews } from '../appointment/view.js'
import type { KeptAppointment } from '../domain/appointment.js'
import { appointmentId, orEmpty, secret } from './appointment-fields.js'

/** The series of an appointment as far as the same secret opens it; without what was prepared, so that twelve fit one message. */
const seriesOfSecret = async (
  needs: AppointmentReading,
  call: Call,
  { seriesId, secretSha256 }: KeptAppointment,
): Promise<Appointment[]> => {
  if (call.caller.kind !== 'neighbour' || seriesId === undefined || !secretSha256) return []
  const series = (await needs.appointments.bySecret(secretSha256)).filter((each) => each.seriesId === seriesId)
  const views = await appointmentViews(needs, series, call)
  return views.map((each) => ({ ...each, preparation: undefined }))
}

/** The id may be empty with a secret. Errors: APPOINTMENT_UNKNOWN, also for another person's; ASSURANCE_TOO_LOW. */
export const getAppointment = (needs: AppointmentReading): PlainRpc<GetAppointmentRequest, GetAppointmentResponse> => ({
  request: z.object({ appointmentId: orEmpty(appointmentId), secret }),
  handle: async (request, call) => {
    const kept = await appointmentFor(needs, call, request.appointmentId, request.secret)
    const [appointment] = await appointmentViews(needs, [kept], call)
    return { appointment, series: await seriesOfSecret(needs, call, kept) }
  },
})
