import { randomBytes } from 'node:crypto'
import { type Clock, nowSeconds } from '@unefois/chassis/clock'
import type { EphemeralKeys } from '@unefois/proto/ephemeral-keys'
import type { Federation } from '@unefois/proto/federation'
import type { IssueTicketResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { BasisId, MemberId } from '@unefois/proto/ids'
import type { PrivateKey } from '@unefois/proto/keys'
import { MeshError } from '@unefois/proto/reasons'
import { issueSubjectTicket } from '@unefois/proto/subject-ticket'
import type { PersonId } from './domain/person.js'
import { type Login, openerOf, sidesRefusal, type TicketSides } from './domain/ticket-rule.js'
import type { Pseudonyms } from './pseudonyms.js'

/** What naming people to members needs. */
export interface TicketNeeds {
  readonly member: MemberId
  readonly clock: Clock
  readonly federation: { readonly current: Federation }
  readonly pseudonyms: Pseudonyms
  readonly ticketKey: PrivateKey
  readonly ephemerals: EphemeralKeys
  readonly ticketSeconds: number
}

/** Two members that may speak of somebody, for one purpose. */
export interface TicketGate {
  readonly requester: MemberId
  readonly provider: MemberId
  readonly purpose: string
  readonly sides: TicketSides
}

/** Whether two members may speak of anybody at all. Errors: MEMBER_UNKNOWN and its like, PURPOSE_NOT_AUTHORISED. */
export const ticketGate = (
  { clock, federation: { current } }: Pick<TicketNeeds, 'clock' | 'federation'>,
  { requester, provider: named, purpose }: { requester: MemberId; provider: string; purpose: string },
): TicketGate => {
  const now = nowSeconds(clock)
  const provider = current.member(named, now).id
  const sides = {
    isRequesterPortal: current.hasRole(requester, 'portal'),
    isOneSideConsentAuthority: [requester, provider].some((side) => current.hasRole(side, 'consent-authority')),
    isJoined: current.isJoined(requester, provider, purpose, now),
  }
  const refusal = sidesRefusal(sides)
  if (refusal) throw new MeshError(refusal)
  return { requester, provider, purpose, sides }
}

/** Names a person to the provider that passed the gate; `login` is theirs, where somebody logged in. */
export const ticketAbout = (
  needs: TicketNeeds,
  person: PersonId,
  { requester, provider, purpose }: TicketGate,
  { basisId, login }: { readonly basisId: string; readonly login: Login | undefined },
): IssueTicketResponse => {
  const now = nowSeconds(needs.clock)
  const federation = needs.federation.current
  const expiresAtSeconds = now + needs.ticketSeconds
  const ticket = issueSubjectTicket(
    {
      jti: randomBytes(16).toString('base64url'),
      iss: needs.member,
      aud: provider,
      requester,
      purpose,
      sub: needs.pseudonyms.of(person, provider),
      basis: basisId as BasisId,
      ...(login && { acr: login.acr, auth_time: login.authTimeSeconds }),
      iat: now,
      exp: expiresAtSeconds,
    },
    {
      signKey: needs.ticketKey,
      to: federation.sealKey(provider, openerOf(federation.hasRole(provider, 'consent-authority'))),
      ephemerals: needs.ephemerals,
    },
  )
  return { ticket, expiresAtSeconds }
}
