import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { PersonalAccess } from '../personal-access.js'
import { operation } from './operation.js'
import { opposition } from './record-opposition.js'
import { memberId, name } from './schemas.js'

export const opposeUse = operation({
  id: 'opposeUse',
  method: 'POST',
  path: '/v1/me/oppositions',
  summary: 'The person opposes an agency’s proactive use of their data for a purpose; asking again renews it',
  kinds: ['portal'],
  body: z.strictObject({ agency: memberId, purpose: name }),
  responses: { 200: { description: 'In force at once; what was collected so is deleted.', schema: opposition } },
  refusals: ['PURPOSE_NOT_AUTHORISED', 'CALLER_NOT_ALLOWED', 'LOGIN_HANDLE_INVALID', 'PROVIDER_UNREACHABLE'],
  handle: async ({ body, caller, deadline }, context) => ({
    body: await new PersonalAccess(context).oppose(body, requirePerson(caller()), deadline),
  }),
})
