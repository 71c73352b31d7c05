import { z } from 'zod'
import { calendarId } from './calendar-schemas.js'
import { operation } from './operation.js'

export const importBusyTimes = operation({
  id: 'importBusyTimes',
  method: 'POST',
  path: '/v1/calendar/practitioners/{id}/busy-times',
  summary: 'Replaces what a practitioner’s other calendar says; only from when to when is kept of it',
  kinds: ['agency'],
  params: z.strictObject({ id: calendarId }),
  body: z.strictObject({
    source: z
      .string()
      .regex(/^[\x20-\x7e]{1,64}$/)
      .meta({ description: 'The name of the other calendar.' }),
    icalendar: z.string().meta({ description: 'RFC 5545, at most 200 kB.' }),
  }),
  responses: {
    200: {
      description: 'Imported.',
      schema: z.strictObject({ busyTimes: z.number().int(), displacedAppointmentIds: z.array(z.string()) }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'PRACTITIONER_UNKNOWN', 'BUSY_TIMES_INVALID'],
  handle: async ({ params, body, accessToken, deadline }, { neighbours }) => {
    const { busyTimes, displacedAppointmentIds } = await neighbours.calendar.importBusyTimes(
      { practitionerId: params.id, ...body },
      { deadline, accessToken },
    )
    return { body: { busyTimes, displacedAppointmentIds } }
  },
})
