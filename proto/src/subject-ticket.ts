import type { EphemeralKeys } from './ephemeral-keys.js'
import { type BasisId, isBasisId, isMemberId, isSubjectId, type MemberId, type SubjectId } from './ids.js'
import { decryptWith, encryptTo, type OpeningKeys } from './jwe.js'
import type { PrivateKey, PublicKey } from './keys.js'
import { MeshError, type Reason } from './reasons.js'
import { checkToken, type KeyOf, signToken, type TokenType } from './token.js'

/**
 * How one agency speaks of a person to another: a JWS of the identity authority inside a JWE that only the audience
 * opens, so whoever carries it never learns the audience's own pseudonym of that person.
 */
export interface SubjectTicket {
  readonly jti: string
  /** The identity authority. */
  readonly iss: MemberId
  /** The provider. */
  readonly aud: MemberId
  readonly requester: MemberId
  readonly purpose: string
  /** The provider's own pseudonym of the person. */
  readonly sub: SubjectId
  /** Absent only where no notice or consent stands behind the ticket (a person looking at their own data). */
  readonly basis?: BasisId
  /** Assurance level and time (seconds) of the person's login, if there was one. */
  readonly acr?: string
  readonly auth_time?: number
  readonly iat: number
  /** At most 24 h after `iat`. */
  readonly exp: number
}

/** The person of a statement, for one party to it; valid only inside the consent authority's signed message. */
export interface SealedSubject {
  readonly jti: string
  readonly iss: MemberId
  readonly aud: MemberId
  readonly sub: SubjectId
  readonly basis: BasisId
  readonly iat: number
}

export const maxTicketLifetimeSeconds = 24 * 3600
const maxSignedBytes = 4096
const maxSealedTicketBytes = 8192

export const subjectTicket: TokenType<SubjectTicket> = {
  typ: 'subject-ticket+jwt',
  maxBytes: maxSignedBytes,
  algorithms: ['EdDSA'],
  expires: 'required',
  isSingleUse: false,
  maxLifetimeSeconds: maxTicketLifetimeSeconds,
  // Nobody acts for another yet: a ticket that names an actor is not read as if it named none (see decision 0014).
  readClaims: ({ jti, iss, aud, requester, purpose, sub, basis, acr, auth_time, iat, exp, act }) =>
    act === undefined &&
    isText(jti) &&
    isMember(iss) &&
    isMember(aud) &&
    isMember(requester) &&
    isText(purpose) &&
    isSubject(sub) &&
    (basis === undefined || isBasis(basis)) &&
    (acr === undefined || isText(acr)) &&
    (auth_time === undefined || isSeconds(auth_time)) &&
    isSeconds(iat) &&
    isSeconds(exp)
      ? {
          jti,
          iss,
          aud,
          requester,
          purpose,
          sub,
          ...(basis !== undefined && { basis }),
          ...(acr !== undefined && { acr }),
          ...(auth_time !== undefined && { auth_time }),
          iat,
          exp,
        }
      : undefined,
}

export const sealedSubject: TokenType<SealedSubject> = {
  typ: 'sealed-subject+jwt',
  maxBytes: maxSignedBytes,
  algorithms: ['EdDSA'],
  expires: 'never',
  isSingleUse: false,
  readClaims: ({ jti, iss, aud, sub, basis, iat }) =>
    isText(jti) && isMember(iss) && isMember(aud) && isSubject(sub) && isBasis(basis) && isSeconds(iat)
      ? { jti, iss, aud, sub, basis, iat }
      : undefined,
}

/** The identity authority's side: its signing key, the audience's seal key and its own ephemeral keys. */
export interface TicketSealing {
  readonly signKey: PrivateKey
  readonly to: PublicKey
  readonly ephemerals: EphemeralKeys
}

/** The audience's side. `keyOf` gives the identity authority's ticket-signing keys. */
export interface TicketOpening {
  readonly authority: MemberId
  readonly audience: MemberId
  readonly openingKeys: OpeningKeys
  readonly keyOf: KeyOf
  readonly nowSeconds: number
  readonly skewSeconds?: number
}

/** A ticket sealed to its provider. Throws TypeError for claims that openSubjectTicket would refuse. */
export const issueSubjectTicket = (ticket: SubjectTicket, sealing: TicketSealing): string => {
  if (ticket.exp - ticket.iat > maxTicketLifetimeSeconds) throw new TypeError('A ticket lives 24 h at most')
  return seal(signToken(subjectTicket, ticket, sealing.signKey), ticket.iat, sealing)
}

/** A sealed subject for its party. Throws TypeError for claims that openSealedSubject would refuse. */
export const issueSealedSubject = (subject: SealedSubject, sealing: TicketSealing): string =>
  seal(signToken(sealedSubject, subject, sealing.signKey), subject.iat, sealing)

/**
 * The ticket that the identity authority sealed to us. Pure, so the caller may keep the result until `exp`.
 * Throws TICKET_INVALID, with the exact reason as cause, or TOKEN_EXPIRED.
 */
export const openSubjectTicket = (compact: string, opening: TicketOpening): SubjectTicket =>
  open(compact, subjectTicket, opening)

/** The sealed subject that the identity authority made for us. Throws TICKET_INVALID with the exact reason as cause. */
export const openSealedSubject = (compact: string, opening: TicketOpening): SealedSubject =>
  open(compact, sealedSubject, opening)

export interface TicketUse {
  /** The member that signed the request in which the ticket came. */
  readonly requester: MemberId
  readonly provider: MemberId
  readonly purpose: string
  /** undefined: the use stands on no basis, and neither may the ticket. */
  readonly basis: BasisId | undefined
  /** When the person is already known: a second ticket, a notice, a consent. */
  readonly subject?: SubjectId
}

/** TICKET_MISUSED when the ticket was issued for another requester, provider, purpose, basis or person. */
export const ticketMisuse = (ticket: SubjectTicket, use: TicketUse): Reason | undefined => {
  const isForThisUse =
    ticket.requester === use.requester &&
    ticket.aud === use.provider &&
    ticket.purpose === use.purpose &&
    ticket.basis === use.basis &&
    (use.subject === undefined || ticket.sub === use.subject)
  return isForThisUse ? undefined : 'TICKET_MISUSED'
}

const seal = (jws: string, nowSeconds: number, { to, ephemerals }: TicketSealing): string =>
  encryptTo(to, Buffer.from(jws, 'latin1'), { cty: 'JWT', ephemerals, nowSeconds })

const open = <C extends { readonly iss: MemberId }>(
  compact: string,
  type: TokenType<C>,
  { authority, audience, openingKeys, keyOf, nowSeconds, skewSeconds = 60 }: TicketOpening,
): C => {
  try {
    if (compact.length > maxSealedTicketBytes) throw new MeshError('TOKEN_MALFORMED')
    const jws = decryptWith(openingKeys, compact, 'JWT').toString('latin1')
    const ticket = checkToken(jws, type, { audience, keyOf, nowSeconds, skewSeconds })
    // Every member has keys; only one member may name people to the others.
    if (ticket.iss !== authority) throw new MeshError('TOKEN_KEY_UNKNOWN')
    return ticket
  } catch (thrown) {
    if (!(thrown instanceof MeshError) || thrown.reason === 'TOKEN_EXPIRED') throw thrown
    throw new MeshError('TICKET_INVALID', { cause: thrown })
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 200
const isSeconds = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isMember = (value: unknown): value is MemberId => typeof value === 'string' && isMemberId(value)
const isSubject = (value: unknown): value is SubjectId => typeof value === 'string' && isSubjectId(value)
const isBasis = (value: unknown): value is BasisId => typeof value === 'string' && isBasisId(value)
