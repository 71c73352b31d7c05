import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { PersonalAccess } from '../personal-access.js'
import { operation } from './operation.js'
import { instant, opaqueId } from './schemas.js'

export const revokeConsent = operation({
  id: 'revokeConsent',
  method: 'DELETE',
  path: '/v1/me/consents/{id}',
  summary: 'Withdraws a consent; asking again answers the same withdrawal',
  kinds: ['portal'],
  params: z.strictObject({ id: opaqueId }),
  responses: {
    200: {
      description: 'Recorded; in force once no provider can release any more, null until then.',
      schema: z.strictObject({ recordedAt: instant, inForceAt: instant.nullable() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'CONSENT_UNKNOWN', 'LOGIN_HANDLE_INVALID', 'PROVIDER_UNREACHABLE'],
  handle: async ({ params, caller, deadline }, context) => ({
    body: await new PersonalAccess(context).withdraw(params.id, requirePerson(caller()), deadline),
  }),
})
