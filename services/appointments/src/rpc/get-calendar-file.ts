import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  GetCalendarFileRequest,
  GetCalendarFileResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { appointmentFor } from '../appointment/access.js'
import type { AppointmentReading } from '../appointment/needs.js'
import { appointmentView } from '../appointment/view.js'
import type { AppointmentsContext } from '../context.js'
import { withoutWhere } from '../domain/appointment-view.js'
import { managementUrl } from '../domain/hub-notice.js'
import { appointmentFile } from '../icalendar/file.js'
import { appointmentId, orEmpty, secret } from './appointment-fields.js'

type Needs = AppointmentReading & Pick<AppointmentsContext, 'publicUrl'>

/** What is downloaded is copied from calendar to calendar: of a protected person it tells nobody where. Errors: APPOINTMENT_UNKNOWN, APPOINTMENT_ENDED for a hold. */
export const getCalendarFile = (needs: Needs): PlainRpc<GetCalendarFileRequest, GetCalendarFileResponse> => ({
  request: z.object({ appointmentId: orEmpty(appointmentId), secret }),
  handle: async (request, call) => {
    const { runtime, book, protectedSubjects, publicUrl } = needs
    const kept = await appointmentFor(needs, call, request.appointmentId, request.secret)
    if (kept.state === 'held') throw new MeshError('APPOINTMENT_ENDED')
    const nowMs = Math.floor(runtime.clock.nowMs())
    const calendar = await book.current()
    const view = appointmentView(calendar, kept, call)
    const hidden = await protectedSubjects.among([kept.subject], nowMs)
    const { serviceTypeId, appointmentId: id, said } = kept
    const prepared = said.preparation?.toBring.flatMap(({ title }) => title ?? [])
    const icalendar = appointmentFile({
      appointment: hidden.has(kept.subject) ? withoutWhere(view) : view,
      member: runtime.member,
      publicUrl,
      managementUrl: managementUrl(publicUrl, id),
      toBring: prepared ?? calendar.serviceTypes.get(serviceTypeId)?.toBring ?? [],
      nowMs,
    })
    return { icalendar }
  },
})
