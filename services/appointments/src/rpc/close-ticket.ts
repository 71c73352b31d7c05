import type { EffectRpc } from '@unefois/chassis/rpc'
import type { CloseTicketRequest, CloseTicketResponse } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { closedState } from '../domain/ticket.js'
import { refreshFullness } from '../search/fullness.js'
import type { WalkInNeeds } from '../walk-ins/needs.js'
import { ticketViews } from '../walk-ins/view.js'

/** Errors: TICKET_UNKNOWN; TICKET_ENDED where it was closed the other way. */
export const closeTicket = (needs: WalkInNeeds): EffectRpc<CloseTicketRequest, CloseTicketResponse> => ({
  request: z.object({ ticketId: z.uuid(), isSeen: z.boolean() }),
  effect: async ({ ticketId, isSeen }, call, tx) => {
    const { runtime, book, tickets } = needs
    const nowMs = Math.floor(runtime.clock.nowMs())
    const before = await tickets.lock(tx, ticketId)
    if (!before) throw new MeshError('TICKET_UNKNOWN')
    const state = closedState(before.state, isSeen)
    if (!state) throw new MeshError('TICKET_ENDED')
    const calendar = await book.current(tx)
    if (before.state === state) {
      const [ticket] = await ticketViews(needs, calendar, [before], call, tx)
      return { ticket }
    }
    const closed = await tickets.close(tx, ticketId, state, nowMs)
    const span = await tickets.freeRest(tx, ticketId, nowMs)
    const schedule = [...calendar.schedules.values()].find(
      ({ practitioner }) => practitioner?.no === before.practitionerNo,
    )
    if (span && schedule && before.practitionerNo !== undefined) {
      const { serviceTypeIds } = schedule.schedule
      await needs.waiting.lockIfAnybody(tx)
      await refreshFullness(tx, needs, [{ resourceNos: [before.practitionerNo], span }])
      const events = await needs.afterFreed(tx, { scheduleNo: schedule.no, serviceTypeIds, span })
      if (events.length > 0) await runtime.outbox.add(tx, events)
    }
    const [ticket] = await ticketViews(needs, calendar, [closed], call, tx)
    return { ticket }
  },
})
