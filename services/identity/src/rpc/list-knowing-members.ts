import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ListKnowingMembersRequest,
  ListKnowingMembersResponse,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AuthorityClient } from '../authority-client.js'
import { purposeField } from '../request-fields.js'

interface Needs {
  readonly authority: AuthorityClient
}

/** Asks, for the person who calls, which members know them, with tickets about the person where a purpose is named. */
export const listKnowingMembers = ({
  authority,
}: Needs): PlainRpc<ListKnowingMembersRequest, ListKnowingMembersResponse> => ({
  request: z.object({ purpose: z.union([purposeField, z.literal('')]) }),
  handle: async ({ purpose }, { caller, deadline }) => {
    if (caller.kind !== 'person') throw new MeshError('CALLER_NOT_ALLOWED')
    const { subject, loginHandle } = caller
    return authority().listMembersOfPerson({ subject, loginHandle, ticketPurpose: purpose }, { deadline })
  },
})
