import { type Clock, nowSeconds } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ListMembersOfPersonRequest,
  ListMembersOfPersonResponse,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { z } from 'zod'
import { requireMember } from '../calling-member.js'
import { type KnownPersonNeeds, requireLogin, requireOwnView, requirePerson } from '../known-person.js'
import { loginHandleField, subjectField } from '../request-fields.js'
import type { AuthorityStores } from '../store/authority-stores.js'

interface Needs extends KnownPersonNeeds {
  readonly clock: Clock
  readonly stores: AuthorityStores
}

/** Tells the portal which members know a person, while that person is logged in there. */
export const listMembersOfPerson = (
  needs: Needs,
): PlainRpc<ListMembersOfPersonRequest, ListMembersOfPersonResponse> => ({
  request: z.object({ subject: subjectField, loginHandle: loginHandleField }),
  handle: async ({ subject, loginHandle }, { caller }) => {
    const member = requireMember(caller)
    const person = await requirePerson(needs, subject, member)
    const login = await requireLogin(needs, loginHandle, { member, person, nowSeconds: nowSeconds(needs.clock) })
    await requireOwnView(needs.stores.protections, login, needs.clock.nowMs())
    return { members: await needs.stores.acquaintances.membersOf(person) }
  },
})
