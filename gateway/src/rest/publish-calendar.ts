import { z } from 'zod'
import { closure, place, resource, schedule, serviceType } from './calendar-schemas.js'
import { closureOf, placeOf, resourceOf, scheduleOf, serviceTypeOf } from './calendar-views.js'
import { operation } from './operation.js'

const most = 500

export const publishCalendar = operation({
  id: 'publishCalendar',
  method: 'POST',
  path: '/v1/calendar',
  summary:
    'Puts places, resources, service types, schedules and closures, each in the place of the one of its id, all or none',
  kinds: ['agency'],
  body: z.strictObject({
    places: z.array(place).max(most).default([]),
    resources: z.array(resource).max(most).default([]),
    serviceTypes: z.array(serviceType).max(most).default([]),
    schedules: z.array(schedule).max(most).default([]),
    closures: z.array(closure).max(most).default([]),
  }),
  responses: {
    200: {
      description: 'Published; no appointment was changed by it.',
      schema: z.strictObject({
        revision: z.number().int().meta({ description: 'Of the whole calendar; grows with each publication.' }),
        displacedAppointmentIds: z
          .array(z.string())
          .meta({ description: 'Live appointments that lie in no opening any more, the earliest first; at most 200.' }),
      }),
    },
  },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'CALENDAR_INVALID', 'ZONE_UNKNOWN', 'LOCAL_TIME_SKIPPED', 'LOCAL_TIME_TWICE'] as const),
    ...(['RANGE_INVERTED', 'RANGE_TOO_LONG', 'CLOSURE_OVERLAPS'] as const),
  ],
  handle: async ({ body, accessToken, deadline }, { neighbours }) => {
    const { revision, displacedAppointmentIds } = await neighbours.calendar.publishCalendar(
      {
        places: body.places.map(placeOf),
        resources: body.resources.map(resourceOf),
        serviceTypes: body.serviceTypes.map(serviceTypeOf),
        schedules: body.schedules.map(scheduleOf),
        closures: body.closures.map(closureOf),
      },
      { deadline, accessToken },
    )
    return { body: { revision, displacedAppointmentIds } }
  },
})
