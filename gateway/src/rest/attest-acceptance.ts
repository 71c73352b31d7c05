import { z } from 'zod'
import { applicationNamed } from './application-schemas.js'
import { parisDay } from './eligibility-schemas.js'
import { textOf } from './eligibility-views.js'
import { operation } from './operation.js'
import { bilingual, instant } from './schemas.js'
import { instantOf } from './views.js'

export const attestAcceptance = operation({
  id: 'attestAcceptance',
  method: 'GET',
  path: '/v1/applications/{id}/attestation',
  summary: 'The attestation of an acceptance by silence (CRPA L232-3)',
  kinds: ['agency'],
  params: applicationNamed,
  responses: {
    200: {
      description: 'The attestation.',
      schema: z.strictObject({
        acceptedDay: parisDay,
        depositedAt: instant,
        service: bilingual,
        jws: z.string().meta({ description: 'All this, signed by the agency (typ acceptance-attestation+jws).' }),
      }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'APPLICATION_UNKNOWN', 'ACCEPTANCE_NOT_GIVEN'],
  handle: async ({ params, accessToken, deadline }, { neighbours }) => {
    const { acceptedDay, depositedAtMs, service, jws } = await neighbours.applications.attestAcceptance(
      { applicationId: params.id },
      { deadline, accessToken },
    )
    return { body: { acceptedDay, depositedAt: instantOf(depositedAtMs), service: textOf(service), jws } }
  },
})
