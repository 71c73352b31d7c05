import type { EffectRpc } from '@unefois/chassis/rpc'
import type {
  LeaveWaitingListRequest,
  LeaveWaitingListResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { left } from '../domain/waiting.js'
import { waitingFor } from '../waiting/access.js'
import type { WaitingNeeds } from '../waiting/needs.js'
import { giveOfferUp, lockOffer } from '../waiting/offer.js'

/** Errors: WAITING_UNKNOWN, also for another's; WAITING_ENDED where a slot is booked. */
export const leaveWaitingList = (
  needs: WaitingNeeds,
): EffectRpc<LeaveWaitingListRequest, LeaveWaitingListResponse> => ({
  request: z.object({ waitingId: z.uuid() }),
  effect: async ({ waitingId }, call, tx) => {
    const { kept, hold } = await lockOffer(needs, tx, await waitingFor(needs, call, waitingId, tx))
    if (kept.state === 'booked') throw new MeshError('WAITING_ENDED')
    if (kept.state === 'left' || kept.state === 'ended') return {}
    await needs.waiting.save(tx, left(kept, Math.floor(needs.runtime.clock.nowMs())))
    const events = await giveOfferUp(needs, tx, hold)
    if (events.length > 0) await needs.runtime.outbox.add(tx, events)
    return {}
  },
})
