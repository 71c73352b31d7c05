import { nowSeconds } from '@unefois/chassis/clock'
import type { Call } from '@unefois/chassis/rpc'
import type { Authorisation, Mode } from '@unefois/proto/federation-list'
import { ExchangeMode, type GetBasisResponse } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { ReleaseEvidenceRequest, RequestEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { statementOf } from '../bases.js'
import type { DocumentsContext } from '../context.js'
import { fieldRefusal } from '../domain/evidence.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'bases' | 'tickets' | 'subjects'>

const modes = {
  information: ExchangeMode.EXCHANGE_MODE_INFORMATION,
  consent: ExchangeMode.EXCHANGE_MODE_CONSENT,
  'explicit-request': ExchangeMode.EXCHANGE_MODE_EXPLICIT_REQUEST,
  proactive: ExchangeMode.EXCHANGE_MODE_PROACTIVE,
} as const

/** With what an exchange is refused that rests on something else than its mode asks for. */
const mismatches: Readonly<Record<Mode, Reason>> = {
  information: 'NOTICE_MISMATCH',
  consent: 'CONSENT_MISMATCH',
  'explicit-request': 'STATEMENT_MISMATCH',
  proactive: 'STATEMENT_MISMATCH',
}

/**
 * What a request is refused for here, before anything is asked of anybody. Errors: CALLER_NOT_ALLOWED for a person who names
 * another or for whom something is to be searched proactively, MEMBER_UNKNOWN, EVIDENCE_TYPE_UNKNOWN, PURPOSE_NOT_AUTHORISED, FIELD_NOT_AUTHORISED, ASSURANCE_TOO_LOW.
 */
export const admitRequest = (
  { runtime }: Pick<Needs, 'runtime'>,
  request: RequestEvidenceRequest,
  { caller }: Call,
): Authorisation => {
  if (caller.kind === 'person' && caller.subject !== request.subject) throw new MeshError('CALLER_NOT_ALLOWED')
  const { provider, evidenceType, purpose } = request
  const federation = runtime.federation.current
  const now = nowSeconds(runtime.clock)
  federation.member(provider, now)
  federation.evidenceType(evidenceType)
  const authorisation = federation.authorisation({ requester: runtime.member, provider, evidenceType, purpose }, now)
  const predicates = request.predicates.map(({ predicate, argumentSubject }) => ({
    id: predicate,
    argument: argumentSubject || undefined,
  }))
  const refusal = fieldRefusal(authorisation, request.fields, predicates)
  if (refusal) throw new MeshError(refusal)
  // Asked for in the person's own session: nobody else's ticket would carry their login.
  if (authorisation.mode === 'explicit-request' && caller.kind !== 'person')
    throw new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: 'eidas1' } })
  // A person who is there is asked or told: nothing is searched for behind them.
  if (authorisation.mode === 'proactive' && caller.kind === 'person') throw new MeshError('CALLER_NOT_ALLOWED')
  return authorisation
}

const requireBasis = async (
  { subjects }: Pick<Needs, 'subjects'>,
  found: GetBasisResponse,
  request: RequestEvidenceRequest,
  authorisation: Authorisation,
): Promise<void> => {
  const isThisExchange =
    found.provider === request.provider &&
    found.purpose === request.purpose &&
    found.evidenceTypes.includes(request.evidenceType) &&
    found.mode === modes[authorisation.mode] &&
    (await subjects.areSame(found.subject, request.subject))
  if (!isThisExchange) throw new MeshError(mismatches[authorisation.mode])
}

/**
 * What travels to the provider: the statement and the tickets. Errors: NOTICE_MISMATCH, CONSENT_MISMATCH, STATEMENT_MISMATCH,
 * those of GetBasis and of RequestTicket.
 */
export const prepareRelease = async (
  { bases, tickets, subjects }: Needs,
  request: RequestEvidenceRequest,
  { exchangeId, authorisation }: { readonly exchangeId: string; readonly authorisation: Authorisation },
  call: Call,
): Promise<ReleaseEvidenceRequest> => {
  const { subject, provider, evidenceType, purpose, procedure, basisId, fields, predicates } = request
  const found = await bases.get(basisId, call)
  await requireBasis({ subjects }, found, request, authorisation)
  const { caller } = call
  const wish = { subject, provider, purpose, basisId, loginHandle: caller.kind === 'person' ? caller.loginHandle : '' }
  // The second person is not the one who logged in.
  const second = (argument: string) => tickets.request({ ...wish, subject: argument, loginHandle: '' }, call)
  const [ticket, ...argumentTickets] = await Promise.all([
    tickets.request(wish, call),
    ...predicates.map(({ argumentSubject }) => (argumentSubject === '' ? '' : second(argumentSubject))),
  ])
  const asked = predicates.map(({ predicate }, at) => ({ predicate, argumentTicket: argumentTickets[at] ?? '' }))
  const statement = statementOf(found)
  return { evidenceType, purpose, procedure, basisId, statement, ticket, fields, predicates: asked, exchangeId }
}
