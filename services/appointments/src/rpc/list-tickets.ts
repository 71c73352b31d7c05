import { PageTokens } from '@unefois/chassis/page-token'
import type { PlainRpc } from '@unefois/chassis/rpc'
import {
  type ListTicketsRequest,
  type ListTicketsResponse,
  Ticket,
} from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { localDay } from '../domain/local-time.js'
import { fitting } from '../domain/page-budget.js'
import type { TicketPosition } from '../store/tickets.js'
import type { WalkInNeeds } from '../walk-ins/needs.js'
import { ticketViews } from '../walk-ins/view.js'
import { calendarId } from './appointment-fields.js'

const mostSize = 500

const positionIn = (text: string): TicketPosition => {
  const [, urgency, number] = /^(urgent|usual)\.(\d{1,9})$/.exec(text) ?? []
  if (urgency === undefined) throw new MeshError('PAGE_TOKEN_MISMATCH')
  return { isUrgent: urgency === 'urgent', number: Number(number) }
}
const textOf = ({ isUrgent, number }: TicketPosition): string => `${isUrgent ? 'urgent' : 'usual'}.${number}`

/** Errors: PLACE_UNKNOWN; PAGE_TOKEN_MISMATCH, also for a token of another day. */
export const listTickets = (needs: WalkInNeeds): PlainRpc<ListTicketsRequest, ListTicketsResponse> => ({
  request: z.object({
    placeId: calendarId,
    withClosed: z.boolean(),
    pageSize: z.number().int().min(0).max(mostSize),
    pageToken: z.string().max(200),
  }),
  handle: async ({ placeId, withClosed, pageSize, pageToken }, call) => {
    const calendar = await needs.book.current()
    const place = calendar.places.get(placeId)
    if (!place) throw new MeshError('PLACE_UNKNOWN')
    const day = localDay(place.zone, needs.runtime.clock.nowMs())
    const tokens = new PageTokens('tickets', { placeId, day, withClosed: Number(withClosed) })
    const after = pageToken === '' ? undefined : positionIn(tokens.positionIn(pageToken))
    const states = ['waiting', 'called', ...(withClosed ? (['seen', 'left'] as const) : [])] as const
    const size = pageSize || mostSize
    // One more than is shown: it says whether a page follows.
    const found = await needs.tickets.list({ placeId, day, states }, after, size + 1)
    const views = await ticketViews(needs, calendar, found.slice(0, size), call)
    const page = fitting(views, (each) => Ticket.encode(each).finish().length)
    const last = found.length > page.length ? page.at(-1) : undefined
    return { tickets: [...page], nextPageToken: tokens.after(last && textOf(last)) }
  },
})
