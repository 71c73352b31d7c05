import type { PlainRpc } from '@unefois/chassis/rpc'
import type { ReadFeedRequest, ReadFeedResponse } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AppointmentsContext } from '../context.js'
import { practitionerFeed } from '../icalendar/feed.js'

const dayMs = 86_400_000
const shownBeforeMs = 30 * dayMs
const shownAheadMs = 366 * dayMs

/** Error: FEED_UNKNOWN. */
export const readFeed = ({
  runtime,
  book,
  feeds,
}: Pick<AppointmentsContext, 'runtime' | 'book' | 'feeds'>): PlainRpc<ReadFeedRequest, ReadFeedResponse> => ({
  request: z.object({ secret: z.string().min(1).max(200) }),
  handle: async ({ secret }) => {
    const resourceNo = await feeds.resourceBehind(secret)
    if (resourceNo === undefined) throw new MeshError('FEED_UNKNOWN')
    const nowMs = Math.floor(runtime.clock.nowMs())
    const { places, serviceTypes } = await book.current()
    const shown = { startsAtMs: nowMs - shownBeforeMs, endsAtMs: nowMs + shownAheadMs }
    const meetings = (await feeds.meetingsOf(resourceNo, shown, nowMs)).map(
      ({ placeId, serviceTypeId, ...meeting }) => ({
        ...meeting,
        title: serviceTypes.get(serviceTypeId)?.title,
        zone: places.get(placeId)?.zone ?? 'UTC',
      }),
    )
    return { icalendar: practitionerFeed({ member: runtime.member, meetings, nowMs }) }
  },
})
