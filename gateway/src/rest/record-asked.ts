import { asking, askingOf, fieldNeeds, fieldNeedsView } from './asked-fields.js'
import { concernedSubject } from './concerned-subject.js'
import { operation } from './operation.js'

export const recordAsked = operation({
  id: 'recordAsked',
  method: 'POST',
  path: '/v1/asked-fields',
  summary: 'Counts that a form asks a person for these fields; a statement on honour is counted by itself',
  kinds: ['agency'],
  hasEffect: true,
  body: asking,
  responses: { 200: { description: 'Counted; which of them were asked needlessly.', schema: fieldNeeds } },
  refusals: ['CALLER_NOT_ALLOWED', 'PURPOSE_NOT_AUTHORISED', 'EVIDENCE_TYPE_UNKNOWN', 'CONSENT_REQUEST_UNKNOWN'],
  handle: async ({ body, caller, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    const asked = askingOf(body, concernedSubject(body.subject, caller()))
    const { needs } = await neighbours.reAsks.recordAsked({ asking: asked }, { deadline, accessToken, idempotencyKey })
    return { body: fieldNeedsView(needs) }
  },
})
