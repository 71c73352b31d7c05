import { z } from 'zod'
import { operation } from './operation.js'
import { instant } from './schemas.js'
import { instantOf } from './views.js'

const person = z.strictObject({
  kind: z.literal('person'),
  subject: z.string().meta({ description: 'This agency’s own pseudonym of the person; no other agency knows it.' }),
  acr: z.string(),
  authenticatedAt: instant,
})
const system = z.strictObject({ kind: z.literal('system'), clientId: z.string(), scopes: z.array(z.string()) })

export const getMe = operation({
  id: 'getMe',
  method: 'GET',
  path: '/v1/me',
  summary: 'Who the token stands for, as this agency knows them',
  kinds: ['agency', 'portal', 'consent-authority'],
  responses: { 200: { description: 'The caller.', schema: z.union([person, system]) } },
  refusals: ['CALLER_NOT_ALLOWED'],
  handle: async (call) => {
    const caller = call.caller()
    if (caller.kind === 'person') {
      const { subject, acr, authTimeSeconds } = caller
      return { body: { kind: 'person', subject, acr, authenticatedAt: instantOf(authTimeSeconds * 1000) } }
    }
    const { clientId, scopes } = caller as Extract<typeof caller, { kind: 'system' }>
    return { body: { kind: 'system', clientId, scopes } }
  },
})
