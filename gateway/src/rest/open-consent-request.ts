import { z } from 'zod'
import { concernedSubject } from './concerned-subject.js'
import { operation } from './operation.js'
import { instant, memberId, name, subjectId } from './schemas.js'
import { instantOf } from './views.js'

export const openConsentRequest = operation({
  id: 'openConsentRequest',
  method: 'POST',
  path: '/v1/me/consents',
  summary: 'Opens a consent request; the person answers it at the consent authority, so this never grants',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    subject: subjectId.optional(),
    purpose: name,
    providers: z.array(memberId).min(1).max(20),
    evidenceTypes: z.array(name).min(1).max(20),
    durationDays: z.number().int().min(1).max(3650),
    returnUrl: z.url().max(500),
  }),
  responses: {
    201: {
      description: 'Send the person to authorityUrl.',
      schema: z.strictObject({ requestId: z.string(), authorityUrl: z.string(), expiresAt: instant }),
    },
  },
  refusals: ['PURPOSE_NOT_AUTHORISED', 'RETURN_URL_NOT_REGISTERED', 'MEMBER_UNKNOWN', 'CALLER_NOT_ALLOWED'],
  handle: async ({ body, caller, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    const opened = await neighbours.consent.openConsentRequest(
      { ...body, subject: concernedSubject(body.subject, caller()) },
      { deadline, accessToken, idempotencyKey },
    )
    const { requestId, authorityUrl, expiresAtMs } = opened
    return {
      status: 201,
      headers: { location: `/v1/me/consents/requests/${encodeURIComponent(requestId)}` },
      body: { requestId, authorityUrl, expiresAt: instantOf(expiresAtMs) },
    }
  },
})
