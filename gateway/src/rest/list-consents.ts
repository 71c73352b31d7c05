import { ConsentState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { PersonalAccess } from '../personal-access.js'
import { listQuery, nameFilter, pageOf, requireNamed } from './list-query.js'
import { operation } from './operation.js'
import { consent } from './schemas.js'

const states = {
  given: ConsentState.CONSENT_STATE_GIVEN,
  refused: ConsentState.CONSENT_STATE_REFUSED,
  withdrawn: ConsentState.CONSENT_STATE_WITHDRAWN,
  expired: ConsentState.CONSENT_STATE_EXPIRED,
} as const

export const listConsents = operation({
  id: 'listConsents',
  method: 'GET',
  path: '/v1/me/consents',
  summary: 'All consents of the person, with their history, newest first',
  kinds: ['portal'],
  query: listQuery(
    {
      state: z.enum(['given', 'refused', 'withdrawn', 'expired']).optional(),
      requester: nameFilter.meta({ description: 'The agency that asked for it.' }),
      purpose: nameFilter,
    },
    50,
  ),
  responses: {
    200: {
      description: 'The consents.',
      schema: z.strictObject({ consents: z.array(consent), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: [
    'CALLER_NOT_ALLOWED',
    'LOGIN_HANDLE_INVALID',
    'PROVIDER_UNREACHABLE',
    'FILTER_UNKNOWN',
    'PAGE_TOKEN_MISMATCH',
  ],
  handle: async ({ query, caller, deadline }, context) => {
    const person = requirePerson(caller())
    requireNamed(context.federation.current, query)
    const { requester = '', purpose = '' } = query
    const state = query.state ? states[query.state] : ConsentState.CONSENT_STATE_UNSPECIFIED
    const asked = { ...pageOf(query), state, requester, purpose }
    const { consents, nextPageToken } = await new PersonalAccess(context).consentPage(person, deadline, asked)
    return { body: { consents, nextPageToken: nextPageToken || null } }
  },
})
