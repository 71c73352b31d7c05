import { type Consumer, readEvent } from '@unefois/chassis/inbox'
import { VisitLegCancelled } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { z } from 'zod'
import { appointmentEvent } from '../appointment/events.js'
import { visitReceiver } from '../visits/events.js'
import type { VisitNeeds } from '../visits/needs.js'

const said = z.object({ visitId: z.uuid(), leg: z.number().int().min(0).max(3), because: z.string().max(500) })

type Needs = Pick<VisitNeeds, 'runtime' | 'visits'>

/**
 * Another agency cancelled its meeting of a visit. The visit goes on with the others, and the agency's systems hear of it; while it
 * is not decided, it is not booked any more.
 */
export const onVisitLegCancelled = ({ runtime, visits }: Needs): Consumer => ({
  isSender: (caller) => caller.kind === 'member' && caller.service === 'appointments',
  apply: async (received, tx) => {
    const event = said.safeParse(readEvent(VisitLegCancelled, received)).data
    const visit = event && (await visits.lock(tx, event.visitId))
    const leg = visit?.legs[event?.leg ?? -1]
    // What no leg of that member answers to is confirmed and forgotten: refusing it would hold up every event behind it.
    if (!visit || !leg || received.sender !== visitReceiver(leg.member))
      return runtime.log.warn('a member cancelled a meeting of a visit that makes no sense')
    if (leg.isCancelled) return
    const legs = visit.legs.map((each) =>
      each === leg ? { ...leg, isCancelled: true, cancelledBecause: event?.because ?? '' } : each,
    )
    await visits.save(tx, { ...visit, legs })
    if (visit.state === 'booked')
      await runtime.outbox.add(tx, [appointmentEvent('visitChanged', visit.visitId, runtime.clock.nowMs())])
  },
})
