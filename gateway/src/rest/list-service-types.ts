import { z } from 'zod'
import { calendarId, offeredServiceType } from './calendar-schemas.js'
import { offeredView } from './calendar-views.js'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'

const mostPerPage = 500

export const listServiceTypes = operation({
  id: 'listServiceTypes',
  method: 'GET',
  path: '/v1/appointments/service-types',
  summary: 'For what one can come, and where',
  kinds: ['agency'],
  isPublic: true,
  query: listQuery({ serviceType: calendarId.optional() }, mostPerPage),
  responses: {
    200: {
      description:
        'The service types that follow, with their places, both by id. One whose places do not fit into one page comes again on the next.',
      schema: z.strictObject({ serviceTypes: z.array(offeredServiceType), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: ['UNAVAILABLE', 'SERVICE_TYPE_UNKNOWN', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query, deadline }, { neighbours }) => {
    const { serviceTypes, nextPageToken } = await neighbours.calendar.listServiceTypes(
      { serviceTypeId: query.serviceType ?? '', ...pageOf(query) },
      { deadline },
    )
    return { body: { serviceTypes: serviceTypes.flatMap(offeredView), nextPageToken: nextPageToken || null } }
  },
})
