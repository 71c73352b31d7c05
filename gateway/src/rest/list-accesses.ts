import { AccessOutcome, ExchangeSide } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { PersonalAccess } from '../personal-access.js'
import { instantFilter, listQuery, msOf, nameFilter, pageOf, requireMember, requireNamed } from './list-query.js'
import { operation } from './operation.js'
import { access, memberId } from './schemas.js'

const asked = z.strictObject({
  member: z.string(),
  isReached: z.boolean(),
  reason: z.string().optional().meta({ description: 'Why the member was not reached.' }),
  nextPageToken: z.string().optional().meta({ description: 'With `member`, asks for the entries before these.' }),
})

const sides = {
  requester: ExchangeSide.EXCHANGE_SIDE_REQUESTER,
  provider: ExchangeSide.EXCHANGE_SIDE_PROVIDER,
} as const
const outcomes = {
  released: AccessOutcome.ACCESS_OUTCOME_RELEASED,
  refused: AccessOutcome.ACCESS_OUTCOME_REFUSED,
  'no-evidence': AccessOutcome.ACCESS_OUTCOME_NO_EVIDENCE,
  unconfirmed: AccessOutcome.ACCESS_OUTCOME_UNCONFIRMED,
  subscribed: AccessOutcome.ACCESS_OUTCOME_SUBSCRIBED,
  'change-told': AccessOutcome.ACCESS_OUTCOME_CHANGE_TOLD,
  'subscription-ended': AccessOutcome.ACCESS_OUTCOME_SUBSCRIPTION_ENDED,
} as const

export const listAccesses = operation({
  id: 'listAccesses',
  method: 'GET',
  path: '/v1/me/accesses',
  summary: 'Every use of data about the person, as each agency that knows them recorded it, newest first',
  kinds: ['portal'],
  query: listQuery({
    member: memberId.optional().meta({ description: 'The agency whose record it is; a page token needs it.' }),
    agency: nameFilter.meta({ description: 'The other agency of the exchange.' }),
    side: z.enum(['requester', 'provider']).optional(),
    evidenceType: nameFilter,
    purpose: nameFilter,
    outcome: z.enum(Object.keys(outcomes) as (keyof typeof outcomes)[]).optional(),
    since: instantFilter,
    until: instantFilter,
  }),
  responses: {
    200: {
      description: 'The uses, and each agency asked; one that was not reached is named.',
      schema: z.strictObject({ accesses: z.array(access), members: z.array(asked) }),
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
    requireMember(query)
    requireNamed(context.federation.current, query)
    const { member, agency = '', evidenceType = '', purpose = '' } = query
    const { pageSize, pageToken } = pageOf(query)
    const filters = {
      pageSize,
      counterparty: agency,
      evidenceType,
      purpose,
      side: query.side ? sides[query.side] : ExchangeSide.EXCHANGE_SIDE_UNSPECIFIED,
      outcome: query.outcome ? outcomes[query.outcome] : AccessOutcome.ACCESS_OUTCOME_UNSPECIFIED,
      sinceMs: msOf(query.since),
      untilMs: msOf(query.until),
    }
    const personal = new PersonalAccess(context)
    const body =
      member === undefined
        ? await personal.accesses(person, accessToken, deadline, filters)
        : await personal.accessesOf(member, person, deadline, pageToken, filters)
    return { body }
  },
})
