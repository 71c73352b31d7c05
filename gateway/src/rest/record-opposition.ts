import { z } from 'zod'
import { concernedSubject } from './concerned-subject.js'
import { operation } from './operation.js'
import { instant, name, subjectId } from './schemas.js'
import { instantOf } from './views.js'

export const opposition = z.strictObject({
  recordedAt: instant,
  keptUntil: instant.meta({ description: 'After this moment the marker is deleted.' }),
})

export const recordOpposition = operation({
  id: 'recordOpposition',
  method: 'POST',
  path: '/v1/oppositions',
  summary: 'A person opposes this agency’s proactive use of their data for a purpose; what was collected so is deleted',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({ subject: subjectId.optional(), purpose: name }),
  responses: { 201: { description: 'In force at once.', schema: opposition } },
  refusals: ['PURPOSE_NOT_AUTHORISED', 'CALLER_NOT_ALLOWED'],
  handle: async ({ body, caller, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    const { recordedAtMs, keptUntilMs } = await neighbours.documents.recordOpposition(
      { subject: concernedSubject(body.subject, caller()), purpose: body.purpose },
      { deadline, accessToken, idempotencyKey },
    )
    return { status: 201, body: { recordedAt: instantOf(recordedAtMs), keptUntil: instantOf(keptUntilMs) } }
  },
})
