import type { PlainRpc } from '@unefois/chassis/rpc'
import type { EndFeedRequest, EndFeedResponse } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AppointmentsContext } from '../context.js'

/** Error: FEED_UNKNOWN, also for one that was ended. */
export const endFeed = ({ feeds }: Pick<AppointmentsContext, 'feeds'>): PlainRpc<EndFeedRequest, EndFeedResponse> => ({
  request: z.object({ feedId: z.uuid() }),
  handle: async ({ feedId }) => {
    if (!(await feeds.end(feedId))) throw new MeshError('FEED_UNKNOWN')
    return {}
  },
})
