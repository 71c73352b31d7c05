import { nowSeconds } from '@unefois/chassis/clock'
import type { Authorisation } from '@unefois/proto/federation'
import type { ReleaseEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { BasisId, MemberId } from '@unefois/proto/ids'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { type SubjectTicket, ticketMisuse } from '@unefois/proto/subject-ticket'
import type { DocumentsContext } from '../context.js'
import { consentRefusal, noticeRefusal } from '../domain/basis.js'
import { type AskedPredicate, fieldRefusal } from '../domain/evidence.js'
import { readConsents } from '../store/consents.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'tickets' | 'notices' | 'holdings'>

/** A request that every gate but consent's last look has let through. */
export interface Admitted {
  readonly requester: string
  readonly authorisation: Authorisation
  readonly ticket: SubjectTicket
  readonly predicates: readonly AskedPredicate[]
}

const requireNo = (refusal: Reason | undefined): void => {
  if (refusal) throw new MeshError(refusal)
}

const authorisationOf = ({ runtime }: Needs, request: ReleaseEvidenceRequest, requester: string): Authorisation => {
  const { evidenceType, purpose, fields } = request
  const of = { requester, provider: runtime.member, evidenceType, purpose }
  const authorisation = runtime.federation.current.authorisation(of, nowSeconds(runtime.clock))
  const predicates = request.predicates.map(({ predicate, argumentTicket }) => ({
    id: predicate,
    argument: argumentTicket || undefined,
  }))
  requireNo(fieldRefusal(authorisation, fields, predicates))
  return authorisation
}

/** Opens a ticket for exactly this use; the second one of a predicate as the first. */
const openTicket = (
  { runtime, tickets }: Needs,
  compact: string,
  { purpose, basisId }: ReleaseEvidenceRequest,
  requester: string,
): SubjectTicket => {
  const ticket = tickets.open(compact)
  const use = { requester: requester as MemberId, provider: runtime.member, purpose, basis: basisId as BasisId }
  requireNo(ticketMisuse(ticket, use))
  return ticket
}

/**
 * The gates, in their order: authorisation, fields, ticket, then notice. A consent is judged where it is locked; where
 * evidence lies in a register, also before: the register is not asked about somebody who does not agree.
 */
export const admitRelease = async (
  needs: Needs,
  request: ReleaseEvidenceRequest,
  requester: string,
): Promise<Admitted> => {
  const { runtime, notices, holdings } = needs
  const { basisId } = request
  const authorisation = authorisationOf(needs, request, requester)
  const ticket = openTicket(needs, request.ticket, request, requester)
  const predicates = request.predicates.map(({ predicate, argumentTicket }) => ({
    id: predicate,
    argument: argumentTicket === '' ? undefined : openTicket(needs, argumentTicket, request, requester).sub,
  }))
  const exchange = { authorisation, ticket, basisId }
  if (authorisation.mode === 'information') {
    requireNo(noticeRefusal(exchange, notices.read(request.statement)))
  } else if (holdings.isElsewhere(request.evidenceType)) {
    const consents = await readConsents(runtime.postgres, [basisId], 'no lock')
    requireNo(consentRefusal(exchange, consents.get(basisId), nowSeconds(runtime.clock)))
  }
  return { requester, authorisation, ticket, predicates }
}
