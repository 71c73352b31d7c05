import type { PlainRpc } from '@unefois/chassis/rpc'
import type { ListTicketsRequest, ListTicketsResponse } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { localDay } from '../domain/local-time.js'
import type { WalkInNeeds } from '../walk-ins/needs.js'
import { ticketViews } from '../walk-ins/view.js'
import { calendarId } from './appointment-fields.js'

/** Error: PLACE_UNKNOWN. */
export const listTickets = (needs: WalkInNeeds): PlainRpc<ListTicketsRequest, ListTicketsResponse> => ({
  request: z.object({ placeId: calendarId, withClosed: z.boolean() }),
  handle: async ({ placeId, withClosed }, call) => {
    const calendar = await needs.book.current()
    const place = calendar.places.get(placeId)
    if (!place) throw new MeshError('PLACE_UNKNOWN')
    const today = localDay(place.zone, needs.runtime.clock.nowMs())
    const states = ['waiting', 'called', ...(withClosed ? (['seen', 'left'] as const) : [])] as const
    const tickets = await needs.tickets.list(placeId, today, states)
    return { tickets: await ticketViews(needs, calendar, tickets, call) }
  },
})
