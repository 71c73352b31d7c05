import type { Queryable } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import { type Ticket, TicketState } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { isWhereWithheld } from '../appointment/view.js'
import type { Calendar } from '../domain/calendar.js'
import type { KeptTicket } from '../store/ticket-rows.js'
import type { WalkInNeeds } from './needs.js'

const states = {
  waiting: TicketState.TICKET_STATE_WAITING,
  called: TicketState.TICKET_STATE_CALLED,
  seen: TicketState.TICKET_STATE_SEEN,
  left: TicketState.TICKET_STATE_LEFT,
} as const

const ticketView = ({ practitioners }: Pick<Calendar, 'practitioners'>, kept: KeptTicket): Ticket => {
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

/**
 * Tickets as the agency's software reads them. That somebody is here tells where they are: a system without the scope does not learn
 * who a protected person is, and serves them by their number.
 */
export const ticketViews = async (
  { protectedSubjects, runtime }: Pick<WalkInNeeds, 'protectedSubjects' | 'runtime'>,
  calendar: Pick<Calendar, 'practitioners'>,
  tickets: readonly KeptTicket[],
  call: Pick<Call, 'caller'>,
  db?: Queryable,
): Promise<Ticket[]> => {
  const subjects = isWhereWithheld(call) ? tickets.map(({ subject }) => subject) : []
  const hidden = await protectedSubjects.among(subjects, runtime.clock.nowMs(), db)
  return tickets.map((each) => ticketView(calendar, hidden.has(each.subject) ? { ...each, subject: '' } : each))
}
