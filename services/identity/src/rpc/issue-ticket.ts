import { randomBytes } from 'node:crypto'
import { type Clock, nowSeconds, parisDay } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { EphemeralKeys } from '@unefois/proto/ephemeral-keys'
import type { Federation } from '@unefois/proto/federation'
import type { IssueTicketRequest, IssueTicketResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { BasisId, MemberId } from '@unefois/proto/ids'
import type { PrivateKey } from '@unefois/proto/keys'
import { MeshError } from '@unefois/proto/reasons'
import { issueSubjectTicket } from '@unefois/proto/subject-ticket'
import { z } from 'zod'
import { requireMember } from '../calling-member.js'
import { hasReachedAge } from '../domain/age.js'
import type { PersonId } from '../domain/person.js'
import { openerOf, sidesRefusal, type TicketSides } from '../domain/ticket-rule.js'
import { type KnownPersonNeeds, requireLogin, requireOwnView, requirePerson } from '../known-person.js'
import { basisField, loginHandleField, memberField, purposeField, subjectField } from '../request-fields.js'
import type { AuthorityStores } from '../store/authority-stores.js'

interface Needs extends KnownPersonNeeds {
  readonly stores: Pick<AuthorityStores, 'register' | 'logins' | 'protections'>
  readonly member: MemberId
  readonly clock: Clock
  readonly federation: { readonly current: Federation }
  readonly ticketKey: PrivateKey
  readonly ephemerals: EphemeralKeys
  readonly ticketSeconds: number
}

const sidesOf = (
  federation: Federation,
  of: { requester: string; provider: string; purpose: string },
  nowSeconds: number,
): TicketSides => ({
  isRequesterPortal: federation.hasRole(of.requester, 'portal'),
  isOneSideConsentAuthority: [of.requester, of.provider].some((side) => federation.hasRole(side, 'consent-authority')),
  isJoined: federation.isJoined(of.requester, of.provider, of.purpose, nowSeconds),
})

/** Only the authority can tell an age: it alone has the register. Throws AGE_NOT_REACHED. */
const requireAge = async ({ stores, clock }: Needs, person: PersonId, years: number): Promise<void> => {
  if (years === 0) return
  const [entry] = await stores.register.read([person])
  if (!entry || !hasReachedAge(entry.pivot.birthdate, years, parisDay(clock))) throw new MeshError('AGE_NOT_REACHED')
}

/** Names a person to a provider, for one requester, purpose and basis; the gate comes before any look at the register. */
export const issueTicket = (needs: Needs): PlainRpc<IssueTicketRequest, IssueTicketResponse> => ({
  request: z.object({
    subject: subjectField,
    provider: memberField,
    purpose: purposeField,
    basisId: basisField,
    loginHandle: loginHandleField,
  }),
  handle: async ({ subject, provider: providerId, purpose, basisId, loginHandle }, { caller }) => {
    const requester = requireMember(caller)
    const now = nowSeconds(needs.clock)
    const federation = needs.federation.current
    const provider = federation.member(providerId, now).id
    const sides = sidesOf(federation, { requester, provider, purpose }, now)
    const refusal = sidesRefusal(sides)
    if (refusal) throw new MeshError(refusal)
    const person = await requirePerson(needs, subject, requester)
    await requireAge(needs, person, federation.minimumAgeYears(requester, provider, purpose, now))
    // The portal speaks for nobody but the person in front of it.
    const isLoginNeeded = loginHandle !== '' || sides.isRequesterPortal
    const login = isLoginNeeded
      ? await requireLogin(needs, loginHandle, { member: requester, person, nowSeconds: now })
      : undefined
    if (login && sides.isRequesterPortal) await requireOwnView(needs.stores.protections, login, needs.clock.nowMs())
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
  },
})
