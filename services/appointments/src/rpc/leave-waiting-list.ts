import type { EffectRpc } from '@unefois/chassis/rpc'
import type {
  LeaveWaitingListRequest,
  LeaveWaitingListResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { handBehind } from '../booking/party.js'
import { left } from '../domain/waiting.js'
import { requireMandateFor, waitingFor } from '../waiting/access.js'
import type { WaitingNeeds } from '../waiting/needs.js'
import { giveOfferUp, lockOffer } from '../waiting/offer.js'
import { by, mandate } from './appointment-fields.js'

/**
 * Errors: WAITING_UNKNOWN, also for another's; WAITING_ENDED where a slot is booked; MANDATE_MISSING and MANDATE_ENDED for a helper;
 * APPOINTMENT_INVALID for a hand that is not named, and for a mandate of who is no helper.
 */
export const leaveWaitingList = (
  needs: WaitingNeeds,
): EffectRpc<LeaveWaitingListRequest, LeaveWaitingListResponse> => ({
  request: z.object({ waitingId: z.uuid(), by, mandate }),
  effect: async ({ waitingId, by: named, mandate: shown }, call, tx) => {
    const before = await waitingFor(needs, call, waitingId, tx)
    const hand = handBehind(call, named, ['agent', 'helper'])
    await requireMandateFor(needs, tx, before, { hand, shown })
    const { kept, hold } = await lockOffer(needs, tx, before)
    if (kept.state === 'booked') throw new MeshError('WAITING_ENDED')
    if (kept.state === 'left' || kept.state === 'ended') return {}
    await needs.waiting.save(tx, left(kept, Math.floor(needs.runtime.clock.nowMs())))
    const events = await giveOfferUp(needs, tx, hold)
    if (events.length > 0) await needs.runtime.outbox.add(tx, events)
    return {}
  },
})
