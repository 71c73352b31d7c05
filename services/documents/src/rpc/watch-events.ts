import { setTimeout as pause } from 'node:timers/promises'
import type { StreamRpc } from '@unefois/chassis/rpc'
import type { WatchEventsRequest, WatchEventsResponse } from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import { z } from 'zod'
import type { EventNeeds } from '../event-service.js'
import { toEvent, typesField, typesOf } from './event-view.js'
import { positionToken } from './pages.js'

const eventsAtOnce = 100
const signOfLifeMs = 15_000

const endOf = (ended: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (ended.aborted) resolve()
    else ended.addEventListener('abort', () => resolve(), { once: true })
  })

/** Until the feed has grown, so many milliseconds have passed, or the stream must end. */
const untilNext = async (grown: Promise<void>, end: Promise<void>, ms: number): Promise<void> => {
  const over = new AbortController()
  const due = pause(ms, undefined, { signal: over.signal, ref: false }).catch(() => undefined)
  await Promise.race([grown, end, due]).finally(() => over.abort())
}

/** Error: POSITION_TOO_OLD. */
export const watchEvents = ({
  feed,
  wakes,
  clock,
}: EventNeeds): StreamRpc<WatchEventsRequest, WatchEventsResponse> => ({
  request: z.object({ position: positionToken, types: typesField }),
  stream: async function* (request, { ended }) {
    const types = typesOf(request.types)
    const end = endOf(ended)
    let position = Number(request.position)
    // The first sign of life says that the stream is open, a later one how far it has looked.
    let silentSinceMs = Number.NEGATIVE_INFINITY
    while (!ended.aborted) {
      const { grown, forget } = await wakes.listen()
      try {
        const { events, upTo } = await feed.after(position, types, eventsAtOnce)
        for (const event of events) {
          if (ended.aborted) break
          position = event.position
          yield { position: String(position), event: toEvent(event) }
          silentSinceMs = clock.monotonicMs()
        }
        if (ended.aborted) break
        position = upTo
        if (events.length === eventsAtOnce) continue
        if (clock.monotonicMs() - silentSinceMs >= signOfLifeMs) {
          yield { position: String(position || '') }
          silentSinceMs = clock.monotonicMs()
        }
        await untilNext(grown, end, silentSinceMs + signOfLifeMs - clock.monotonicMs())
      } finally {
        forget()
      }
    }
    yield { position: String(position || '') }
  },
})
