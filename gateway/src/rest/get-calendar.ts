import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { calendarId, closure, place, resource, schedule, serviceType } from './calendar-schemas.js'
import { closureView, placeView, resourceView, scheduleView, serviceTypeView } from './calendar-views.js'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'

const mostPerPage = 500

export const getCalendar = operation({
  id: 'getCalendar',
  method: 'GET',
  path: '/v1/calendar/places/{id}',
  summary: 'Everything of one place, and the service types that are offered there',
  kinds: ['agency'],
  params: z.strictObject({ id: calendarId }),
  query: listQuery({}, mostPerPage),
  responses: {
    200: {
      description:
        'The place, and what follows of it: all resources first, then the schedules, the closures and the service types, each of them ' +
        'by id. Pages of two revisions are of two calendars.',
      schema: z.strictObject({
        place,
        resources: z.array(resource),
        schedules: z.array(schedule),
        closures: z.array(closure),
        serviceTypes: z.array(serviceType),
        revision: z.number().int(),
        nextPageToken: z.string().nullable(),
      }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'PLACE_UNKNOWN', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ params, query, accessToken, deadline }, { neighbours }) => {
    const found = await neighbours.calendar.getCalendar(
      { placeId: params.id, ...pageOf(query) },
      { deadline, accessToken },
    )
    if (!found.place) throw new MeshError('INTERNAL', { cause: 'a calendar without its place' })
    return {
      body: {
        place: placeView(found.place),
        resources: found.resources.map(resourceView),
        schedules: found.schedules.map(scheduleView),
        closures: found.closures.map(closureView),
        serviceTypes: found.serviceTypes.map(serviceTypeView),
        revision: found.revision,
        nextPageToken: found.nextPageToken || null,
      },
    }
  },
})
