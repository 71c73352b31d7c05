import { randomBytes } from 'node:crypto'
import { nowSeconds } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ListMembersOfPersonRequest,
  ListMembersOfPersonResponse,
  MemberTicket,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { basisIdFrom, type MemberId } from '@unefois/proto/ids'
import { z } from 'zod'
import { requireMember } from '../calling-member.js'
import type { PersonId } from '../domain/person.js'
import type { Login } from '../domain/ticket-rule.js'
import { type KnownPersonNeeds, requireLogin, requireOwnView, requirePerson } from '../known-person.js'
import { loginHandleField, purposeField, subjectField } from '../request-fields.js'
import type { AuthorityStores } from '../store/authority-stores.js'
import { type TicketNeeds, ticketAbout, ticketGate } from '../subject-tickets.js'

interface Needs extends KnownPersonNeeds, TicketNeeds {
  readonly stores: AuthorityStores
}

interface Shown {
  readonly requester: MemberId
  readonly purpose: string
  readonly person: PersonId
  readonly login: Login
}

/** A ticket for a member; none for one that the federation list does not let be asked today. */
const ticketFor = (needs: Needs, member: string, { requester, purpose, person, login }: Shown): MemberTicket[] => {
  try {
    const gate = ticketGate(needs, { requester, provider: member, purpose })
    const basisId = basisIdFrom(randomBytes(16))
    return [{ member, basisId, ...ticketAbout(needs, person, gate, { basisId, login }) }]
  } catch {
    return []
  }
}

/** Tells the portal which members know a person, while that person is logged in there, and names the person to them. */
export const listMembersOfPerson = (
  needs: Needs,
): PlainRpc<ListMembersOfPersonRequest, ListMembersOfPersonResponse> => ({
  request: z.object({
    subject: subjectField,
    loginHandle: loginHandleField,
    ticketPurpose: z.union([purposeField, z.literal('')]),
  }),
  handle: async ({ subject, loginHandle, ticketPurpose: purpose }, { caller }) => {
    const requester = requireMember(caller)
    const person = await requirePerson(needs, subject, requester)
    const at = { member: requester, person, nowSeconds: nowSeconds(needs.clock) }
    const login = await requireLogin(needs, loginHandle, at)
    await requireOwnView(needs.stores.protections, login, needs.clock.nowMs())
    const members = await needs.stores.acquaintances.membersOf(person)
    if (purpose === '') return { members, tickets: [] }
    return {
      members,
      tickets: members.flatMap((each) => ticketFor(needs, each, { requester, purpose, person, login })),
    }
  },
})
