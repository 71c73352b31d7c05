import { type Served, served } from '@unefois/chassis/service'
import { WalkInServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { callNextTicket } from '../rpc/call-next-ticket.js'
import { closeTicket } from '../rpc/close-ticket.js'
import { listTickets } from '../rpc/list-tickets.js'
import { takeTicket } from '../rpc/take-ticket.js'
import type { WalkInNeeds } from './needs.js'

/** A further contract of the appointments service. */
export const walkInService = (needs: WalkInNeeds): Served =>
  served(WalkInServiceDefinition, {
    takeTicket: takeTicket(needs),
    callNextTicket: callNextTicket(needs),
    closeTicket: closeTicket(needs),
    listTickets: listTickets(needs),
  })
