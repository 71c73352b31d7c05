import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { OwnEvidence } from '../own-evidence.js'
import { askedMember, holding } from './correction-schemas.js'
import { listQuery, nameFilter, pageOf, requireMember, requireNamed } from './list-query.js'
import { operation } from './operation.js'
import { memberId } from './schemas.js'

const member = memberId.optional().meta({ description: 'Asks one agency only; a page token needs it.' })

/** How what several members answer is asked for: all of them, or one and what follows there; with the filters of the list. */
export const ofMembers = <F extends z.ZodRawShape>(filters: F) => listQuery({ member, ...filters }, 50)

/** Error: REQUEST_INVALID for a page token without its member. */
export const oneMember = (query: {
  readonly member?: string | undefined
  readonly pageToken?: string | undefined
}): { member: string; pageToken: string } | undefined => {
  requireMember(query)
  return query.member === undefined ? undefined : { member: query.member, pageToken: pageOf(query).pageToken }
}

export const listHoldings = operation({
  id: 'listHoldings',
  method: 'GET',
  path: '/v1/me/holdings',
  summary: 'What each agency that knows the person holds about them, values included (GDPR article 15)',
  kinds: ['portal'],
  query: ofMembers({ evidenceType: nameFilter }),
  responses: {
    200: {
      description:
        'What is held, and each agency asked; one that was not reached is named. Nothing of it is kept here.',
      schema: z.strictObject({ holdings: z.array(holding), members: z.array(askedMember) }),
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
    const { found, members } = await new OwnEvidence(context).holdings(
      person,
      accessToken,
      deadline,
      oneMember(query),
      { pageSize: pageOf(query).pageSize, evidenceType: query.evidenceType ?? '' },
    )
    return { body: { holdings: found, members } }
  },
})
