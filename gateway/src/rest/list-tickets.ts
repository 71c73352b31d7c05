import { z } from 'zod'
import { calendarId } from './calendar-schemas.js'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'
import { yesOrNo } from './slot-schemas.js'
import { ticket } from './walk-in-schemas.js'
import { ticketView } from './walk-in-views.js'

const mostPerPage = 500

export const listTickets = operation({
  id: 'listTickets',
  method: 'GET',
  path: '/v1/tickets',
  summary: 'Today’s tickets of a place in the order in which they are called',
  kinds: ['agency'],
  query: listQuery(
    {
      place: calendarId,
      withClosed: yesOrNo.optional().meta({ description: 'Also those that were seen or have left.' }),
    },
    mostPerPage,
  ),
  responses: {
    200: {
      description: 'The tickets that follow; a token is of its day, and is refused after midnight at the place.',
      schema: z.strictObject({ tickets: z.array(ticket), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'PLACE_UNKNOWN', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query, accessToken, deadline }, { neighbours }) => {
    const request = { placeId: query.place, withClosed: query.withClosed === 'true', ...pageOf(query) }
    const { tickets, nextPageToken } = await neighbours.walkIns.listTickets(request, { deadline, accessToken })
    return { body: { tickets: tickets.map(ticketView), nextPageToken: nextPageToken || null } }
  },
})
