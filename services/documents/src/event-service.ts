import type { Clock } from '@unefois/chassis/clock'
import { type Served, served } from '@unefois/chassis/service'
import { EventServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import type { FeedWakes } from './feed-wakes.js'
import { listEvents } from './rpc/list-events.js'
import { watchEvents } from './rpc/watch-events.js'
import type { AgencyEvents } from './store/agency-events.js'

/** What is needed to tell the agency's systems what happened. */
export interface EventNeeds {
  readonly feed: AgencyEvents
  readonly wakes: FeedWakes
  readonly clock: Clock
}

/** The contract by which the agency's systems follow its feed. */
export const eventService = (needs: EventNeeds): Served =>
  served(EventServiceDefinition, { listEvents: listEvents(needs), watchEvents: watchEvents(needs) })
