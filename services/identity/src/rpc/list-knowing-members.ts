import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ListKnowingMembersRequest,
  ListKnowingMembersResponse,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AuthorityClient } from '../authority-client.js'

interface Needs {
  readonly authority: AuthorityClient
}

/** Asks, for the person who calls, which members know them. */
export const listKnowingMembers = ({
  authority,
}: Needs): PlainRpc<ListKnowingMembersRequest, ListKnowingMembersResponse> => ({
  request: z.object({}),
  handle: async (_, { caller, deadline }) => {
    if (caller.kind !== 'person') throw new MeshError('CALLER_NOT_ALLOWED')
    const { subject, loginHandle } = caller
    return authority().listMembersOfPerson({ subject, loginHandle }, { deadline })
  },
})
