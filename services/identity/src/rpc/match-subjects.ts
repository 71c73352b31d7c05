import type { PlainRpc } from '@unefois/chassis/rpc'
import type { MatchSubjectsRequest, MatchSubjectsResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { z } from 'zod'
import { requireMember } from '../calling-member.js'
import { type MatchingNeeds, matchForMember } from '../match-for-member.js'
import { mostAtOnce, pivotField } from '../request-fields.js'

/** Finds people by pivot identity, as many as one message carries. */
export const matchSubjects = (needs: MatchingNeeds): PlainRpc<MatchSubjectsRequest, MatchSubjectsResponse> => ({
  request: z.object({ pivots: z.array(pivotField).min(1).max(mostAtOnce) }),
  handle: async ({ pivots }, { caller }) => matchForMember(needs, requireMember(caller), pivots),
})
