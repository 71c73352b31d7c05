import { type Consumer, readEvent } from '@unefois/chassis/inbox'
import { VisitEnded, type VisitState } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { z } from 'zod'
import { visitReceiver, visitStateName } from '../visits/events.js'
import type { VisitNeeds } from '../visits/needs.js'
import { applyOutcome } from '../visits/pledges.js'

const said = z.object({ visitId: z.uuid(), leg: z.number().int().min(0).max(3), state: z.custom<VisitState>() })

/** The member whose appointments service sent an event. */
const memberOf = (sender: string): string => sender.slice(0, sender.length - visitReceiver('').length)

/** What a coordinator says became of its visit. */
export const onVisitEnded = (needs: VisitNeeds): Consumer => ({
  isSender: (caller) => caller.kind === 'member' && caller.service === 'appointments',
  apply: async (received, tx) => {
    const event = said.safeParse(readEvent(VisitEnded, received)).data
    const outcome = event && visitStateName(event.state)
    // What this version does not know is confirmed and forgotten: refusing it would hold up every event behind it.
    if (!event || outcome === undefined || outcome === 'pledging')
      return needs.runtime.log.warn('the end of a visit makes no sense')
    const key = { member: memberOf(received.sender), visitId: event.visitId, leg: event.leg }
    const events = await applyOutcome(needs, tx, key, outcome)
    await needs.runtime.outbox.add(tx, events)
  },
})
