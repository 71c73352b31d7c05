import type { PlainRpc } from '@unefois/chassis/rpc'
import type { MatchSubjectRequest, MatchSubjectResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireMember } from '../calling-member.js'
import { type MatchingNeeds, matchForMember } from '../match-for-member.js'
import { pivotField } from '../request-fields.js'

/** Finds a person by pivot identity; the asking member knows whom it finds from then on. */
export const matchSubject = (needs: MatchingNeeds): PlainRpc<MatchSubjectRequest, MatchSubjectResponse> => ({
  request: z.object({ pivot: pivotField }),
  handle: async ({ pivot }, { caller }) => {
    const member = requireMember(caller)
    if (!pivot) throw new MeshError('REQUEST_INVALID', { facts: { field: 'pivot' } })
    const { matches } = await matchForMember(needs, member, [pivot])
    return { match: matches[0] }
  },
})
