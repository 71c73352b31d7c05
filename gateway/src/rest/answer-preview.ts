import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { PersonalAccess } from '../personal-access.js'
import { operation } from './operation.js'
import { basisId, instant, memberId, name } from './schemas.js'

export const answerPreview = operation({
  id: 'answerPreview',
  method: 'POST',
  path: '/v1/me/preview-answers',
  summary: 'The person’s yes or no to what they saw in a preview; another answer takes the place of the one before',
  kinds: ['portal'],
  body: z.strictObject({
    requester: memberId,
    provider: memberId,
    evidenceType: name,
    purpose: name,
    basisId: basisId.meta({ description: 'Of the request that waits for this preview, from its preview address.' }),
    answer: z.enum(['confirmed', 'declined']),
    evidenceVersion: z.number().int().nonnegative().meta({ description: 'The version that was shown.' }),
  }),
  responses: {
    200: { description: 'Kept.', schema: z.strictObject({ validUntil: instant }) },
  },
  refusals: ['PURPOSE_NOT_AUTHORISED', 'CALLER_NOT_ALLOWED', 'LOGIN_HANDLE_INVALID', 'PROVIDER_UNREACHABLE'],
  handle: async ({ body, caller, deadline }, context) => ({
    body: await new PersonalAccess(context).answerPreview(body, requirePerson(caller()), deadline),
  }),
})
