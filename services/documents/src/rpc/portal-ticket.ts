import type { Call } from '@unefois/chassis/rpc'
import { personalAccessPurpose } from '@unefois/proto/federation-list'
import type { BasisId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { type SubjectTicket, ticketMisuse } from '@unefois/proto/subject-ticket'
import type { DocumentsContext } from '../context.js'

/** The logged-in person for whom the portal asks. Errors: TICKET_INVALID, TICKET_MISUSED, ASSURANCE_TOO_LOW without a login. */
export const openPortalTicket = (
  { runtime, tickets }: Pick<DocumentsContext, 'runtime' | 'tickets'>,
  request: { readonly ticket: string; readonly basisId: string },
  { caller }: Call,
  purpose: string = personalAccessPurpose,
): SubjectTicket => {
  if (caller.kind !== 'member') throw new MeshError('CALLER_NOT_ALLOWED')
  const ticket = tickets.open(request.ticket)
  const misuse = ticketMisuse(ticket, {
    requester: caller.member,
    provider: runtime.member,
    purpose,
    basis: request.basisId as BasisId,
  })
  if (misuse) throw new MeshError(misuse)
  if (ticket.auth_time === undefined) throw new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: 'eidas1' } })
  return ticket
}
