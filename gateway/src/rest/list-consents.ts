import { z } from 'zod'
import { PersonalAccess, requirePerson } from '../personal-access.js'
import { operation } from './operation.js'
import { consent } from './schemas.js'

export const listConsents = operation({
  id: 'listConsents',
  method: 'GET',
  path: '/v1/me/consents',
  summary: 'All consents of the person, with their history',
  kinds: ['portal'],
  responses: { 200: { description: 'The consents.', schema: z.strictObject({ consents: z.array(consent) }) } },
  refusals: ['CALLER_NOT_ALLOWED', 'LOGIN_HANDLE_INVALID', 'PROVIDER_UNREACHABLE'],
  handle: async ({ caller, deadline }, context) => ({
    body: { consents: await new PersonalAccess(context).consents(requirePerson(caller()), deadline) },
  }),
})
