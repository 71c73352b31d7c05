import { z } from 'zod'
import { calendarId, offeredServiceType } from './calendar-schemas.js'
import { offeredView } from './calendar-views.js'
import { operation } from './operation.js'

export const listServiceTypes = operation({
  id: 'listServiceTypes',
  method: 'GET',
  path: '/v1/appointments/service-types',
  summary: 'For what one can come, and where',
  kinds: ['agency'],
  isPublic: true,
  query: z.strictObject({ serviceType: calendarId.optional() }),
  responses: {
    200: {
      description: 'The service types with their places.',
      schema: z.strictObject({ serviceTypes: z.array(offeredServiceType) }),
    },
  },
  refusals: ['UNAVAILABLE', 'SERVICE_TYPE_UNKNOWN'],
  handle: async ({ query, deadline }, { neighbours }) => {
    const { serviceTypes } = await neighbours.calendar.listServiceTypes(
      { serviceTypeId: query.serviceType ?? '' },
      { deadline },
    )
    return { body: { serviceTypes: serviceTypes.flatMap(offeredView) } }
  },
})
