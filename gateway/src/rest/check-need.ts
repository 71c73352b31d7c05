import { asking, askingOf, fieldNeeds, fieldNeedsView } from './asked-fields.js'
import { concernedSubject } from './concerned-subject.js'
import { operation } from './operation.js'

export const checkNeed = operation({
  id: 'checkNeed',
  method: 'POST',
  path: '/v1/asked-fields/need',
  summary: 'Before a form is shown: which of its fields the person must be asked at all; nothing is counted',
  kinds: ['agency'],
  body: asking,
  responses: { 200: { description: 'For each field, in the order of the request.', schema: fieldNeeds } },
  refusals: ['CALLER_NOT_ALLOWED', 'PURPOSE_NOT_AUTHORISED', 'EVIDENCE_TYPE_UNKNOWN', 'CONSENT_REQUEST_UNKNOWN'],
  handle: async ({ body, caller, deadline, accessToken }, { neighbours }) => {
    const asked = askingOf(body, concernedSubject(body.subject, caller()))
    const { needs } = await neighbours.reAsks.checkNeed({ asking: asked }, { deadline, accessToken })
    return { body: fieldNeedsView(needs) }
  },
})
