import type { Call } from '@unefois/chassis/rpc'
import { MeshError } from '@unefois/proto/reasons'
import type { SubjectTicket } from '@unefois/proto/subject-ticket'
import type { DocumentsContext } from '../context.js'
import { ownViewAcr, ownViewRefusal, type Viewer } from '../domain/protection.js'
import { openPortalTicket } from './portal-ticket.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'tickets' | 'protectedSubjects'>

/**
 * The one place where a person's own view is opened. Error: ASSURANCE_TOO_LOW, naming the level, to a weak login of a protected
 * person; CALLER_NOT_ALLOWED to whoever acts for one.
 */
export const requireOwnView = async (
  { runtime, protectedSubjects }: Pick<Needs, 'runtime' | 'protectedSubjects'>,
  subject: string,
  viewer: Viewer,
): Promise<void> => {
  const known = await protectedSubjects.among([subject], runtime.clock.nowMs())
  const refusal = ownViewRefusal(known.get(subject), viewer)
  if (refusal === 'ASSURANCE_TOO_LOW') throw new MeshError(refusal, { facts: { required_acr: ownViewAcr } })
  if (refusal) throw new MeshError(refusal)
}

/** As openPortalTicket, for what shows a person their own data; a ticket may be older than the protection. */
export const openOwnView = async (
  needs: Needs,
  request: { readonly ticket: string; readonly basisId: string },
  call: Call,
): Promise<SubjectTicket> => {
  const ticket = openPortalTicket(needs, request, call)
  await requireOwnView(needs, ticket.sub, { acr: ticket.acr })
  return ticket
}
