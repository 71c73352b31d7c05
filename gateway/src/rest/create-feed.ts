import { z } from 'zod'
import { calendarId } from './calendar-schemas.js'
import { operation } from './operation.js'

/** Where a calendar program subscribes to a feed. */
export const feedPath = (secret: string): string => `/v1/calendar/feeds/${secret}.ics`

export const createFeed = operation({
  id: 'createFeed',
  method: 'POST',
  path: '/v1/calendar/practitioners/{id}/feeds',
  summary: 'An address at which a practitioner’s appointments can be subscribed to; answered once, it names nobody',
  kinds: ['agency'],
  hasEffect: true,
  params: z.strictObject({ id: calendarId }),
  body: z.strictObject({}),
  responses: {
    201: {
      description: 'The address; who knows it can read the feed.',
      schema: z.strictObject({ feedId: z.string(), url: z.url() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'PRACTITIONER_UNKNOWN'],
  handle: async ({ params, accessToken, deadline, idempotencyKey }, { neighbours, config }) => {
    const { feedId, secret } = await neighbours.calendar.createFeed(
      { practitionerId: params.id },
      { deadline, accessToken, idempotencyKey },
    )
    return { status: 201, body: { feedId, url: `${config.publicUrl}${feedPath(secret)}` } }
  },
})
