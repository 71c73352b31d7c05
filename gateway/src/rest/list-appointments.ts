import { AppointmentState } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { z } from 'zod'
import { appointment, appointmentState } from './appointment-schemas.js'
import { appointmentStateOf, appointmentView } from './appointment-views.js'
import { calendarId } from './calendar-schemas.js'
import { instantFilter, listQuery, msOf, pageOf } from './list-query.js'
import { operation } from './operation.js'
import { subjectId } from './schemas.js'

export const listAppointments = operation({
  id: 'listAppointments',
  method: 'GET',
  path: '/v1/appointments',
  summary: 'Appointments by their beginning; a person’s own only',
  kinds: ['agency'],
  query: listQuery({
    subject: subjectId.optional(),
    place: calendarId.optional(),
    practitioner: calendarId.optional(),
    state: appointmentState.optional().meta({ description: 'Left out: all but holds.' }),
    since: instantFilter.meta({ description: 'Those that begin then or later.' }),
    until: instantFilter.meta({ description: 'Those that begin before.' }),
  }),
  responses: {
    200: {
      description: 'The appointments that follow.',
      schema: z.strictObject({ appointments: z.array(appointment), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'ASSURANCE_TOO_LOW', 'PLACE_UNKNOWN', 'PRACTITIONER_UNKNOWN'] as const),
    ...(['RANGE_INVERTED', 'PAGE_TOKEN_MISMATCH'] as const),
  ],
  handle: async ({ query, caller, accessToken, deadline }, { neighbours }) => {
    const by = caller()
    const { appointments, nextPageToken } = await neighbours.appointments.listAppointments(
      {
        subject: query.subject ?? (by.kind === 'person' ? by.subject : ''),
        placeId: query.place ?? '',
        practitionerId: query.practitioner ?? '',
        state: query.state ? appointmentStateOf[query.state] : AppointmentState.APPOINTMENT_STATE_UNSPECIFIED,
        fromMs: msOf(query.since),
        toMs: msOf(query.until),
        ...pageOf(query),
      },
      { deadline, accessToken },
    )
    return { body: { appointments: appointments.map(appointmentView), nextPageToken: nextPageToken || null } }
  },
})
