import type { Authorisation } from '@unefois/proto/federation-list'
import type { Reason } from '@unefois/proto/reasons'
import type { ExplicitRequestClaims, NoticeClaims, ProactiveUseClaims } from '@unefois/proto/statements'
import type { SubjectTicket } from '@unefois/proto/subject-ticket'

/** Two members' clocks may differ by as much: a consent just given is not refused for it. */
const clockSkewSeconds = 60

/** A consent as this provider knows it; instants in seconds. */
export interface ConsentState {
  readonly basisId: string
  readonly subject: string
  /** Other pseudonyms by which this provider was told of the same person. */
  readonly aliases: readonly string[]
  readonly requester: string
  readonly purpose: string
  readonly evidenceTypes: readonly string[]
  readonly validFromSeconds: number
  readonly validUntilSeconds: number
  readonly revokedAtSeconds: number | null
}

/** What the fourth gate looks at. */
export interface Exchange {
  readonly authorisation: Authorisation
  readonly ticket: Pick<SubjectTicket, 'sub' | 'auth_time'>
  readonly basisId: string
}

type Stated = Pick<NoticeClaims, 'iss' | 'aud' | 'basis' | 'purpose' | 'evidence_types'>

const isAbout = ({ authorisation, basisId }: Exchange, stated: Stated): boolean =>
  stated.iss === authorisation.requester &&
  stated.aud === authorisation.provider &&
  stated.basis === basisId &&
  stated.purpose === authorisation.purpose &&
  stated.evidence_types.includes(authorisation.evidenceType)

/** In information mode: the person was told of exactly this exchange (CRPA L114-8). */
export const noticeRefusal = (exchange: Exchange, notice: NoticeClaims | undefined): Reason | undefined => {
  if (!notice) return 'NOTICE_REQUIRED'
  return isAbout(exchange, notice) ? undefined : 'NOTICE_MISMATCH'
}

/** In explicit-request and proactive mode: exactly this exchange was stated, in its own mode. */
export const statementRefusal = (
  exchange: Exchange,
  statement: ExplicitRequestClaims | ProactiveUseClaims | undefined,
): Reason | undefined => {
  if (!statement) return 'STATEMENT_REQUIRED'
  const isInMode = statement.mode === exchange.authorisation.mode
  return isInMode && isAbout(exchange, statement) ? undefined : 'STATEMENT_MISMATCH'
}

/** In explicit-request mode: the person is logged in with the requester now, as the ticket itself says. */
export const loginRefusal = ({ ticket }: Pick<Exchange, 'ticket'>): Reason | undefined =>
  ticket.auth_time === undefined ? 'ASSURANCE_TOO_LOW' : undefined

/** In consent mode: this same person agreed to exactly this exchange, and still does. */
export const consentRefusal = (
  exchange: Exchange,
  consent: ConsentState | undefined,
  nowSeconds: number,
): Reason | undefined => {
  if (!consent) return 'CONSENT_REQUIRED'
  const { authorisation, ticket } = exchange
  const isThisExchange =
    [consent.subject, ...consent.aliases].includes(ticket.sub) &&
    consent.requester === authorisation.requester &&
    consent.purpose === authorisation.purpose &&
    consent.evidenceTypes.includes(authorisation.evidenceType)
  if (!isThisExchange) return 'CONSENT_MISMATCH'
  if (consent.revokedAtSeconds !== null) return 'CONSENT_REVOKED'
  if (nowSeconds + clockSkewSeconds < consent.validFromSeconds) return 'CONSENT_REQUIRED'
  if (nowSeconds >= consent.validUntilSeconds) return 'CONSENT_EXPIRED'
  return undefined
}
