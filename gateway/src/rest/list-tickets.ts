import { z } from 'zod'
import { calendarId } from './calendar-schemas.js'
import { operation } from './operation.js'
import { yesOrNo } from './slot-schemas.js'
import { ticket } from './walk-in-schemas.js'
import { ticketView } from './walk-in-views.js'

export const listTickets = operation({
  id: 'listTickets',
  method: 'GET',
  path: '/v1/tickets',
  summary: 'Today’s tickets of a place in the order in which they are called',
  kinds: ['agency'],
  query: z.strictObject({
    place: calendarId,
    withClosed: yesOrNo.optional().meta({ description: 'Also those that were seen or have left.' }),
  }),
  responses: { 200: { description: 'The tickets.', schema: z.strictObject({ tickets: z.array(ticket) }) } },
  refusals: ['CALLER_NOT_ALLOWED', 'PLACE_UNKNOWN'],
  handle: async ({ query, accessToken, deadline }, { neighbours }) => {
    const request = { placeId: query.place, withClosed: query.withClosed === 'true' }
    const { tickets } = await neighbours.walkIns.listTickets(request, { deadline, accessToken })
    return { body: { tickets: tickets.map(ticketView) } }
  },
})
