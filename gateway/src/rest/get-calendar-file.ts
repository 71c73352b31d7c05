import { z } from 'zod'
import { appointmentNamed } from './appointment-schemas.js'
import { operation } from './operation.js'

/** RFC 5545 section 8.1; its text is UTF-8. */
export const calendarMediaType = 'text/calendar'

export const getCalendarFile = operation({
  id: 'getCalendarFile',
  method: 'GET',
  path: '/v1/appointments/{id}/calendar',
  summary: 'An appointment as an iCalendar object (RFC 5545, RFC 5546)',
  kinds: ['agency'],
  params: appointmentNamed,
  responses: {
    200: {
      description: 'METHOD says whether it is a request or a cancellation.',
      schema: z.string(),
      mediaType: calendarMediaType,
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'ASSURANCE_TOO_LOW', 'APPOINTMENT_UNKNOWN', 'APPOINTMENT_ENDED'],
  handle: async ({ params, accessToken, deadline }, { neighbours }) => {
    const request = { appointmentId: params.id, secret: undefined }
    const { icalendar } = await neighbours.appointments.getCalendarFile(request, { deadline, accessToken })
    return { body: icalendar }
  },
})
