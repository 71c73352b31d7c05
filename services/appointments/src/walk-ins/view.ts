import { type Ticket, TicketState } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import type { Calendar } from '../domain/calendar.js'
import type { KeptTicket } from '../store/ticket-rows.js'

const states = {
  waiting: TicketState.TICKET_STATE_WAITING,
  called: TicketState.TICKET_STATE_CALLED,
  seen: TicketState.TICKET_STATE_SEEN,
  left: TicketState.TICKET_STATE_LEFT,
} as const

/** A ticket as the agency's software reads it. */
export const ticketView = ({ practitioners }: Pick<Calendar, 'practitioners'>, kept: KeptTicket): Ticket => {
  const { practitionerNo, calledAtMs, untilMs, state, ...ticket } = kept
  const known = [...practitioners.values()].find(({ no }) => no === practitionerNo)
  return {
    ...ticket,
    state: states[state],
    practitionerId: known?.resource.resourceId ?? '',
    calledAtMs: calledAtMs ?? 0,
    untilMs: untilMs ?? 0,
  }
}
