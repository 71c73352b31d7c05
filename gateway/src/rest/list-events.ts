import { z } from 'zod'
import { eventTypeOf } from '../webhooks/event-types.js'
import { agencyEvent, eventType, eventView } from './event-schemas.js'
import { operation } from './operation.js'

/** A position as the feed gives it. */
export const feedPosition = z.string().regex(/^([1-9][0-9]{0,14})?$/, 'not a position of this feed')

export const listEvents = operation({
  id: 'listEvents',
  method: 'GET',
  path: '/v1/events',
  summary: 'What this agency’s systems should hear of, in order, from any position of the last 90 days',
  kinds: ['agency'],
  query: z.strictObject({
    after: feedPosition.optional().meta({ description: 'The last `position`; leave out to begin at the oldest kept.' }),
    type: eventType.optional(),
    pageSize: z.coerce.number<string>().int().min(1).max(500).optional(),
    waitSeconds: z.coerce.number<string>().int().min(0).max(30).optional().meta({
      description: 'How long to wait for an event when there is none yet; a gateway may answer sooner.',
    }),
  }),
  responses: {
    200: {
      description: 'The events that follow, and the position to go on from; the same one when nothing is new.',
      schema: z.strictObject({ events: z.array(agencyEvent), position: z.string() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'POSITION_TOO_OLD'],
  handle: async ({ query, deadline, accessToken }, { neighbours }) => {
    const type = query.type && eventTypeOf(query.type)
    const { events, position } = await neighbours.events.listEvents(
      {
        position: query.after ?? '',
        types: type ? [type] : [],
        pageSize: query.pageSize ?? 0,
        waitMs: (query.waitSeconds ?? 0) * 1000,
      },
      { deadline, accessToken },
    )
    return { body: { events: events.map(eventView), position } }
  },
})
