import { z } from 'zod'
import { channel, channelOf } from './channels.js'
import { concernedSubject } from './concerned-subject.js'
import { operation } from './operation.js'
import { fieldPath, instant, opaqueId, subjectId } from './schemas.js'
import { instantOf } from './views.js'

export const statedValue = z.strictObject({ field: fieldPath, value: z.string().min(1).max(1000) })

export const recordStatementOnHonour = operation({
  id: 'recordStatementOnHonour',
  method: 'POST',
  path: '/v1/statements-on-honour',
  summary: 'Keeps what a person states on their honour where no source confirmed it; never released to another agency',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    subject: subjectId.optional(),
    exchangeId: opaqueId.meta({ description: 'The exchange in which no source confirmed it.' }),
    values: z.array(statedValue).min(1).max(50),
    text: z
      .string()
      .min(40)
      .max(4000)
      .meta({ description: 'What the person read and agreed to, the legal warning included, word for word.' }),
    textVersion: z.string().min(1).max(64),
    language: z.enum(['fr', 'en']),
    channel,
  }),
  responses: {
    201: {
      description: 'Kept.',
      schema: z.strictObject({ statementId: z.string(), statedAt: instant, keepUntil: instant }),
    },
  },
  refusals: ['EXCHANGE_UNKNOWN', 'EVIDENCE_OBTAINED', 'FIELD_NOT_AUTHORISED', 'CALLER_NOT_ALLOWED'],
  handle: async ({ body, caller, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    const { statementId, statedAtMs, keepUntilMs } = await neighbours.documents.recordStatementOnHonour(
      { ...body, subject: concernedSubject(body.subject, caller()), channel: channelOf[body.channel] },
      { deadline, accessToken, idempotencyKey },
    )
    return {
      status: 201,
      headers: { location: `/v1/statements-on-honour/${encodeURIComponent(statementId)}` },
      body: { statementId, statedAt: instantOf(statedAtMs), keepUntil: instantOf(keepUntilMs) },
    }
  },
})
