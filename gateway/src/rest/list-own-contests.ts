import { ContestState } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { OwnEvidence } from '../own-evidence.js'
import { askedMember, contestState, ownContest } from './correction-schemas.js'
import { stateOf } from './correction-views.js'
import { ofMembers, oneMember } from './list-holdings.js'
import { instantFilter, msOf, nameFilter, pageOf, requireNamed } from './list-query.js'
import { operation } from './operation.js'

export const listOwnContests = operation({
  id: 'listOwnContests',
  method: 'GET',
  path: '/v1/me/contests',
  summary: 'What the person contested at each agency, and what became of it',
  kinds: ['portal'],
  query: ofMembers({ state: contestState.optional(), evidenceType: nameFilter, since: instantFilter }),
  responses: {
    200: {
      description:
        'The contests, newest first at each agency, and each agency asked; one that was not reached is named.',
      schema: z.strictObject({ contests: z.array(ownContest), members: z.array(askedMember) }),
    },
  },
  refusals: [
    'CALLER_NOT_ALLOWED',
    'LOGIN_HANDLE_INVALID',
    'ASSURANCE_TOO_LOW',
    'FILTER_UNKNOWN',
    'PAGE_TOKEN_MISMATCH',
  ],
  handle: async ({ query, caller, accessToken, deadline }, context) => {
    const person = requirePerson(caller())
    requireNamed(context.federation.current, query)
    const { state, evidenceType = '', since } = query
    const { found, members } = await new OwnEvidence(context).contests(
      person,
      accessToken,
      deadline,
      oneMember(query),
      {
        pageSize: pageOf(query).pageSize,
        state: state ? stateOf[state] : ContestState.CONTEST_STATE_UNSPECIFIED,
        evidenceType,
        sinceMs: msOf(since),
      },
    )
    return { body: { contests: found, members } }
  },
})
