import { nowSeconds, parisDay } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { IssueTicketRequest, IssueTicketResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireMember } from '../calling-member.js'
import { hasReachedAge } from '../domain/age.js'
import type { PersonId } from '../domain/person.js'
import { type KnownPersonNeeds, requireLogin, requireOwnView, requirePerson } from '../known-person.js'
import { basisField, loginHandleField, memberField, purposeField, subjectField } from '../request-fields.js'
import type { AuthorityStores } from '../store/authority-stores.js'
import { type TicketNeeds, ticketAbout, ticketGate } from '../subject-tickets.js'

interface Needs extends KnownPersonNeeds, TicketNeeds {
  readonly stores: Pick<AuthorityStores, 'register' | 'logins' | 'protections'>
}

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
    const gate = ticketGate(needs, { requester, provider: providerId, purpose })
    const person = await requirePerson(needs, subject, requester)
    const { provider, sides } = gate
    await requireAge(needs, person, needs.federation.current.minimumAgeYears(requester, provider, purpose, now))
    // The portal speaks for nobody but the person in front of it.
    const isLoginNeeded = loginHandle !== '' || sides.isRequesterPortal
    const login = isLoginNeeded
      ? await requireLogin(needs, loginHandle, { member: requester, person, nowSeconds: now })
      : undefined
    if (login && sides.isRequesterPortal) await requireOwnView(needs.stores.protections, login, needs.clock.nowMs())
    return ticketAbout(needs, person, gate, { basisId, login })
  },
})
