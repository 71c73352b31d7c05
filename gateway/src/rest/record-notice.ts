import { z } from 'zod'
import { channel, channelOf } from './channels.js'
import { concernedSubject } from './concerned-subject.js'
import { operation } from './operation.js'
import { instant, memberId, name, subjectId } from './schemas.js'
import { instantOf } from './views.js'

export const recordNotice = operation({
  id: 'recordNotice',
  method: 'POST',
  path: '/v1/notices',
  summary: 'Records what a person was told before an exchange, and answers the basis id of that exchange',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    subject: subjectId.optional(),
    provider: memberId,
    purpose: name,
    evidenceTypes: z.array(name).min(1).max(20),
    textVersion: z.string().min(1).max(40).meta({ description: 'Version of the purpose’s text that was shown.' }),
    language: z.enum(['fr', 'en']),
    channel,
  }),
  responses: {
    201: { description: 'Recorded.', schema: z.strictObject({ basisId: z.string(), toldAt: instant }) },
  },
  refusals: ['PURPOSE_NOT_AUTHORISED', 'MEMBER_UNKNOWN', 'CALLER_NOT_ALLOWED'],
  handle: async ({ body, caller, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    const { basisId, toldAtMs } = await neighbours.consent.recordNotice(
      { ...body, subject: concernedSubject(body.subject, caller()), channel: channelOf[body.channel] },
      { deadline, accessToken, idempotencyKey },
    )
    return { status: 201, body: { basisId, toldAt: instantOf(toldAtMs) } }
  },
})
