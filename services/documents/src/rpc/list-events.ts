import { setTimeout as pause } from 'node:timers/promises'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { ListEventsRequest, ListEventsResponse } from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import { z } from 'zod'
import type { EventNeeds } from '../event-service.js'
import type { EventPage } from '../store/agency-events.js'
import { toEvent, typesField, typesOf } from './event-view.js'
import { pageSizeOf, positionToken } from './pages.js'

const usualEvents = 100
const longestWaitMs = 30_000
/** Kept back from the caller's time, so that an empty answer still reaches it. */
const answerReserveMs = 200

/** What there is, or what comes until the time is over or the process ends. */
const readOrWait = async (
  { wakes }: Pick<EventNeeds, 'wakes'>,
  read: () => Promise<EventPage>,
  waitMs: number,
): Promise<EventPage> => {
  const over = new AbortController()
  const late = pause(Math.max(0, waitMs), true, { signal: over.signal, ref: false }).catch(() => true)
  try {
    for (;;) {
      const { grown, forget } = await wakes.listen()
      try {
        const found = await read()
        if (found.events.length > 0 || wakes.isStopped()) return found
        if (await Promise.race([grown.then(() => false), late])) return found
      } finally {
        forget()
      }
    }
  } finally {
    over.abort()
  }
}

/** Error: POSITION_TOO_OLD. */
export const listEvents = (needs: EventNeeds): PlainRpc<ListEventsRequest, ListEventsResponse> => ({
  request: z.object({
    position: positionToken,
    types: typesField,
    pageSize: z.number().int().min(0).max(500),
    waitMs: z.number().int().min(0).max(longestWaitMs),
  }),
  handle: async ({ position, types, pageSize, waitMs }, { deadline }) => {
    const read = () => needs.feed.after(Number(position), typesOf(types), pageSizeOf(pageSize, usualEvents))
    const withinMs = Math.min(waitMs, deadline.remainingMs() - answerReserveMs)
    const { events, upTo } = waitMs === 0 ? await read() : await readOrWait(needs, read, withinMs)
    return { events: events.map(toEvent), position: String(upTo || '') }
  },
})
