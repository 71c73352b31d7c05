import { z } from 'zod'
import { operation } from './operation.js'
import { basisId, memberId, name, subjectId } from './schemas.js'
import { subscription, subscriptionView } from './subscription-schemas.js'

export const subscribeToChanges = operation({
  id: 'subscribeToChanges',
  method: 'POST',
  path: '/v1/subscriptions',
  summary:
    'Asks an agency to say when evidence about a person changes, never what it is; the same request again answers the same',
  kinds: ['agency'],
  body: z.strictObject({
    subject: subjectId,
    provider: memberId,
    evidenceType: name,
    purpose: name,
    procedure: name,
    basisId,
  }),
  responses: { 200: { description: 'It stands.', schema: z.strictObject({ subscription }) } },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'MEMBER_UNKNOWN', 'EVIDENCE_TYPE_UNKNOWN', 'PURPOSE_NOT_AUTHORISED'] as const),
    ...(['CHANGES_NOT_AUTHORISED', 'NOTICE_MISMATCH', 'CONSENT_MISMATCH', 'STATEMENT_MISMATCH'] as const),
    ...(['CONSENT_REQUIRED', 'CONSENT_REVOKED', 'CONSENT_EXPIRED', 'OPPOSITION_STANDS'] as const),
    ...(['REVOCATION_FEED_STALE', 'SUBJECT_UNKNOWN', 'PROVIDER_UNREACHABLE'] as const),
  ],
  handle: async ({ body, deadline, accessToken }, { neighbours }) => {
    const answer = await neighbours.changes.subscribeToChanges(body, { deadline, accessToken })
    return { body: { subscription: subscriptionView(answer.subscription) } }
  },
})
