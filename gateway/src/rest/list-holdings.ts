import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { OwnEvidence } from '../own-evidence.js'
import { requirePerson } from '../personal-access.js'
import { askedMember, holding } from './correction-schemas.js'
import { operation } from './operation.js'
import { memberId } from './schemas.js'

/** How what several members answer is asked for: all of them, or what follows at one. */
export const ofMembers = z.strictObject({ member: memberId.optional(), pageToken: z.string().max(500).optional() })

/** Error: REQUEST_INVALID for a page token without its member. */
export const oneMember = ({
  member,
  pageToken = '',
}: z.infer<typeof ofMembers>): { member: string; pageToken: string } | undefined => {
  if (member === undefined && pageToken !== '')
    throw new MeshError('REQUEST_INVALID', { detail: 'A page token needs its member.', facts: { field: 'member' } })
  return member === undefined ? undefined : { member, pageToken }
}

export const listHoldings = operation({
  id: 'listHoldings',
  method: 'GET',
  path: '/v1/me/holdings',
  summary: 'What each agency that knows the person holds about them, values included (GDPR article 15)',
  kinds: ['portal'],
  query: ofMembers,
  responses: {
    200: {
      description:
        'What is held, and each agency asked; one that was not reached is named. Nothing of it is kept here.',
      schema: z.strictObject({ holdings: z.array(holding), members: z.array(askedMember) }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'LOGIN_HANDLE_INVALID', 'ASSURANCE_TOO_LOW'],
  handle: async ({ query, caller, accessToken, deadline }, context) => {
    const { found, members } = await new OwnEvidence(context).holdings(
      requirePerson(caller()),
      accessToken,
      deadline,
      oneMember(query),
    )
    return { body: { holdings: found, members } }
  },
})
