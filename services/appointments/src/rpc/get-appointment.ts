import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  GetAppointmentRequest,
  GetAppointmentResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { z } from 'zod'
import { appointmentFor } from '../appointment/access.js'
import type { AppointmentReading } from '../appointment/needs.js'
import { appointmentViews } from '../appointment/view.js'
import { appointmentId, orEmpty, secret } from './appointment-fields.js'

/** The id may be empty with a secret. Errors: APPOINTMENT_UNKNOWN, also for another person's; ASSURANCE_TOO_LOW. */
export const getAppointment = (needs: AppointmentReading): PlainRpc<GetAppointmentRequest, GetAppointmentResponse> => ({
  request: z.object({ appointmentId: orEmpty(appointmentId), secret }),
  handle: async (request, call) => {
    const kept = await appointmentFor(needs, call, request.appointmentId, request.secret)
    const [appointment] = await appointmentViews(needs, [kept], call)
    return { appointment }
  },
})
