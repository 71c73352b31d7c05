import { z } from 'zod'
import { channel, channelOf } from './channels.js'
import { operation } from './operation.js'
import { instant, name, subjectId } from './schemas.js'
import { instantOf } from './views.js'

export const recordContact = operation({
  id: 'recordContact',
  method: 'POST',
  path: '/v1/contacts',
  summary: 'Comes before a person is contacted about a right that was found; refused for a person who opposes',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    subject: subjectId,
    purpose: name,
    campaign: name,
    textVersion: z
      .string()
      .min(1)
      .max(40)
      .meta({ description: 'Version of the purpose’s text that the person reads.' }),
    language: z.enum(['fr', 'en']),
    channel,
    offersOpposition: z.boolean().meta({ description: 'Required to be true at the first contact.' }),
  }),
  responses: {
    201: {
      description: 'Recorded: the person may be contacted.',
      schema: z.strictObject({
        isFirst: z.boolean(),
        oppositionAddress: z.string().meta({ description: 'Where the person opposes online; to be told to them.' }),
        recordedAt: instant,
      }),
    },
  },
  refusals: ['OPPOSITION_STANDS', 'PURPOSE_NOT_AUTHORISED', 'CALLER_NOT_ALLOWED'],
  handle: async ({ body, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    const { isFirst, oppositionAddress, recordedAtMs } = await neighbours.consent.recordContact(
      { ...body, channel: channelOf[body.channel] },
      { deadline, accessToken, idempotencyKey },
    )
    return { status: 201, body: { isFirst, oppositionAddress, recordedAt: instantOf(recordedAtMs) } }
  },
})
