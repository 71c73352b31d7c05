import type { Caller } from '@unefois/chassis/caller'
import { personalAccessPurpose } from '@unefois/proto/federation-list'
import { type BasisId, isBasisId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { type SubjectTicket, ticketMisuse } from '@unefois/proto/subject-ticket'
import type { ConsentAuthorityContext } from '../context.js'
import { requireMember } from './callers.js'

const basisOf = (basisId: string): BasisId | undefined => (isBasisId(basisId) ? basisId : undefined)

/** The logged-in person for whom the portal asks. Errors: TICKET_INVALID, TOKEN_EXPIRED, TICKET_MISUSED, ASSURANCE_TOO_LOW. */
export const openPortalTicket = (
  { member, tickets }: Pick<ConsentAuthorityContext, 'member' | 'tickets'>,
  request: { readonly ticket: string; readonly basisId: string },
  caller: Caller,
): SubjectTicket => {
  const requester = requireMember(caller)
  const ticket = tickets.openTicket(request.ticket)
  const use = { requester, provider: member, purpose: personalAccessPurpose, basis: basisOf(request.basisId) }
  const misuse = ticketMisuse(ticket, use)
  if (misuse) throw new MeshError(misuse)
  if (ticket.auth_time === undefined) throw new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: 'eidas1' } })
  return ticket
}
