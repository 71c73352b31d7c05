import { DeliveryServiceDefinition } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import { Deadline } from './deadline.js'
import { memberClient } from './member-client.js'
import { neighbourClient } from './neighbour.js'
import type { Courier, QueuedEvent } from './outbox.js'
import type { Runtime } from './runtime.js'

const deliveryMs = 10_000

/** Carries events: sealed to another member's service (`member/service`), on the home star to a neighbour. */
export const courierOf =
  (runtime: Runtime): Courier =>
  async (event: QueuedEvent) => {
    const deadline = Deadline.after(deliveryMs, runtime.clock)
    const request = {
      eventId: event.eventId,
      type: event.type,
      topic: event.topic,
      position: event.position,
      data: Buffer.from(event.data),
      occurredAtMs: event.occurredAtMs,
    }
    const [first = '', service] = event.receiver.split('/')
    if (service === undefined)
      await neighbourClient(runtime.bus, DeliveryServiceDefinition, first).deliver(request, { deadline })
    else await memberClient(runtime, DeliveryServiceDefinition, first, service).deliver(request, { deadline })
  }
