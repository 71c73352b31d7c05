import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import { PersonalAccess } from '../personal-access.js'
import { operation } from './operation.js'
import { evidence, memberId, name, route } from './schemas.js'
import { evidenceView, otherRouteView } from './views.js'

export const previewEvidence = operation({
  id: 'previewEvidence',
  method: 'GET',
  path: '/v1/me/preview',
  summary: 'What a release would contain, for the person alone',
  kinds: ['portal'],
  query: z.strictObject({ requester: memberId, provider: memberId, evidenceType: name, purpose: name }),
  responses: {
    200: {
      description: 'What would be sent; null, with other routes, when nothing would.',
      schema: z.strictObject({ evidence: evidence.nullable(), routes: z.array(route) }),
    },
  },
  refusals: ['PURPOSE_NOT_AUTHORISED', 'CALLER_NOT_ALLOWED', 'LOGIN_HANDLE_INVALID', 'PROVIDER_UNREACHABLE'],
  handle: async ({ query, caller, deadline }, context) => {
    const { outcome } = await new PersonalAccess(context).preview(query, requirePerson(caller()), deadline)
    return {
      body: {
        evidence: outcome?.$case === 'evidence' ? evidenceView(outcome.value) : null,
        routes: outcome?.$case === 'otherRoute' ? otherRouteView(outcome.value).routes : [],
      },
    }
  },
})
