import { z } from 'zod'
import { operation } from './operation.js'
import { consentState, opaqueId } from './schemas.js'
import { consentStateOf } from './views.js'

export const getConsentOutcome = operation({
  id: 'getConsentOutcome',
  method: 'GET',
  path: '/v1/me/consents/requests/{requestId}',
  summary: 'What became of a consent request of this agency',
  kinds: ['agency'],
  params: z.strictObject({ requestId: opaqueId }),
  responses: {
    200: {
      description: 'The state; once given, a basis id for each provider.',
      schema: z.strictObject({
        state: consentState,
        bases: z.array(z.strictObject({ provider: z.string(), basisId: z.string() })),
      }),
    },
  },
  refusals: ['CONSENT_REQUEST_UNKNOWN', 'CALLER_NOT_ALLOWED'],
  handle: async ({ params, deadline, accessToken }, { neighbours }) => {
    const { requestId } = params
    const { state, bases } = await neighbours.consent.getConsentOutcome({ requestId }, { deadline, accessToken })
    return { body: { state: consentStateOf(state), bases } }
  },
})
