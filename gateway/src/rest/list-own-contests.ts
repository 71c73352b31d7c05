import { z } from 'zod'
import { OwnEvidence } from '../own-evidence.js'
import { requirePerson } from '../personal-access.js'
import { askedMember, ownContest } from './correction-schemas.js'
import { ofMembers, oneMember } from './list-holdings.js'
import { operation } from './operation.js'

export const listOwnContests = operation({
  id: 'listOwnContests',
  method: 'GET',
  path: '/v1/me/contests',
  summary: 'What the person contested at each agency, and what became of it',
  kinds: ['portal'],
  query: ofMembers,
  responses: {
    200: {
      description:
        'The contests, newest first at each agency, and each agency asked; one that was not reached is named.',
      schema: z.strictObject({ contests: z.array(ownContest), members: z.array(askedMember) }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'LOGIN_HANDLE_INVALID', 'ASSURANCE_TOO_LOW'],
  handle: async ({ query, caller, accessToken, deadline }, context) => {
    const { found, members } = await new OwnEvidence(context).contests(
      requirePerson(caller()),
      accessToken,
      deadline,
      oneMember(query),
    )
    return { body: { contests: found, members } }
  },
})
