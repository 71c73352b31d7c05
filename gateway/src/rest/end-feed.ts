import { z } from 'zod'
import { operation } from './operation.js'

export const endFeed = operation({
  id: 'endFeed',
  method: 'DELETE',
  path: '/v1/calendar/feeds/{id}',
  summary: 'Makes the address of a feed answer no more; one that has ended stays so',
  kinds: ['agency'],
  params: z.strictObject({ id: z.uuid() }),
  responses: { 200: { description: 'Ended.', schema: z.strictObject({ feedId: z.string() }) } },
  refusals: ['CALLER_NOT_ALLOWED', 'FEED_UNKNOWN'],
  handle: async ({ params, accessToken, deadline }, { neighbours }) => {
    await neighbours.calendar.endFeed({ feedId: params.id }, { deadline, accessToken })
    return { body: { feedId: params.id } }
  },
})
