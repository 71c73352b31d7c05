import { nowSeconds } from '@unefois/chassis/clock'
import type { Authorisation } from '@unefois/proto/federation-list'
import type { ReleaseEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { BasisId, MemberId } from '@unefois/proto/ids'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { type SubjectTicket, ticketMisuse } from '@unefois/proto/subject-ticket'
import type { DocumentsContext } from '../context.js'
import { consentRefusal, type Exchange, loginRefusal, noticeRefusal, statementRefusal } from '../domain/basis.js'
import { type AskedPredicate, fieldRefusal } from '../domain/evidence.js'
import { readConsents } from '../store/consents.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'tickets' | 'statements' | 'holdings'>

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
 * The fourth gate. A consent is judged where it is locked; where evidence lies in a register, also here: the register is not
 * asked about somebody who does not agree.
 */
const requireBasis = async (
  { runtime, statements, holdings }: Needs,
  exchange: Exchange,
  { statement, evidenceType }: ReleaseEvidenceRequest,
): Promise<void> => {
  const { mode } = exchange.authorisation
  switch (mode) {
    case 'information':
      return requireNo(noticeRefusal(exchange, statements.notice(statement)))
    case 'explicit-request': {
      requireNo(statementRefusal(exchange, statements.explicitRequest(statement)))
      const refusal = loginRefusal(exchange)
      if (refusal) throw new MeshError(refusal, { facts: { required_acr: 'eidas1' } })
      return
    }
    case 'consent': {
      if (!holdings.isElsewhere(evidenceType)) return
      const consents = await readConsents(runtime.postgres, [exchange.basisId], 'no lock')
      return requireNo(consentRefusal(exchange, consents.get(exchange.basisId), nowSeconds(runtime.clock)))
    }
    case 'proactive':
      return requireNo(statementRefusal(exchange, statements.proactiveUse(statement)))
  }
}

/** The gates, in their order: authorisation, fields, ticket, then what the exchange rests on in its mode. */
export const admitRelease = async (
  needs: Needs,
  request: ReleaseEvidenceRequest,
  requester: string,
): Promise<Admitted> => {
  const authorisation = authorisationOf(needs, request, requester)
  const ticket = openTicket(needs, request.ticket, request, requester)
  const predicates = request.predicates.map(({ predicate, argumentTicket }) => ({
    id: predicate,
    argument: argumentTicket === '' ? undefined : openTicket(needs, argumentTicket, request, requester).sub,
  }))
  await requireBasis(needs, { authorisation, ticket, basisId: request.basisId }, request)
  return { requester, authorisation, ticket, predicates }
}
