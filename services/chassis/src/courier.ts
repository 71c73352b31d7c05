import {
  type DeliverRequest,
  DeliveryServiceDefinition,
  type FollowingEvent,
} from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import { Deadline } from './deadline.js'
import { memberClient } from './member-client.js'
import { neighbourClient } from './neighbour.js'
import type { Consecutive, Courier, QueuedEvent } from './outbox.js'
import type { Runtime } from './runtime.js'

const deliveryMs = 10_000

const told = ({ eventId, type, data, occurredAtMs }: QueuedEvent): FollowingEvent => ({
  ...{ eventId, type, occurredAtMs },
  data: Buffer.from(data),
})

const requestOf = ([first, ...following]: Consecutive): DeliverRequest => ({
  ...told(first),
  topic: first.topic,
  position: first.position,
  following: following.map(told),
})

/** Carries events: sealed to another member's service (`member/service`), on the home star to a neighbour. */
export const courierOf =
  (runtime: Runtime): Courier =>
  async (events) => {
    const [{ receiver, position }] = events
    const options = { deadline: Deadline.after(deliveryMs, runtime.clock) }
    const [first = '', service] = receiver.split('/')
    const to =
      service === undefined
        ? neighbourClient(runtime.bus, DeliveryServiceDefinition, first)
        : memberClient(runtime, DeliveryServiceDefinition, first, service)
    const { appliedUpTo } = await to.deliver(requestOf(events), options)
    // A receiver that says nothing of it knows one event in a request, and has that one.
    return Math.min(Math.max(appliedUpTo - position + 1, 1), events.length)
  }
