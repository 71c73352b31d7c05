import { randomUUID } from 'node:crypto'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type { TakeTicketRequest, TakeTicketResponse } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { knownType } from '../booking/chosen-meeting.js'
import { handBehind } from '../booking/party.js'
import { localDay } from '../domain/local-time.js'
import { openNow, type WalkInNeeds } from '../walk-ins/needs.js'
import { ticketViews } from '../walk-ins/view.js'
import { by, calendarId, subject } from './appointment-fields.js'

/** Errors: PLACE_UNKNOWN, SERVICE_TYPE_UNKNOWN, PLACE_CLOSED; APPOINTMENT_INVALID where somebody is named and nobody says by whom. */
export const takeTicket = (needs: WalkInNeeds): EffectRpc<TakeTicketRequest, TakeTicketResponse> => ({
  request: z.object({ placeId: calendarId, serviceTypeId: calendarId, subject, by }),
  effect: async (request, call, tx) => {
    const { runtime, book, tickets } = needs
    const { placeId, serviceTypeId } = request
    // Whoever it is may have drawn the number from a machine.
    const isDrawn = request.subject === '' && !request.by
    const takenBy = isDrawn ? undefined : handBehind(call, request.by, ['agent', 'helper'])
    const nowMs = Math.floor(runtime.clock.nowMs())
    const calendar = await book.current(tx)
    const place = calendar.places.get(placeId)
    if (!place) throw new MeshError('PLACE_UNKNOWN')
    const type = knownType(calendar, serviceTypeId)
    const there = (calendar.offering.get(serviceTypeId) ?? []).filter(({ schedule }) => schedule.placeId === placeId)
    if ((await openNow(needs, tx, there, nowMs)).length === 0) throw new MeshError('PLACE_CLOSED')
    const taken = await tickets.insert(tx, {
      ticketId: randomUUID(),
      placeId,
      day: localDay(place.zone, nowMs),
      serviceTypeId,
      isUrgent: type.isUrgent,
      subject: request.subject,
      takenAtMs: nowMs,
      takenBy,
    })
    const [ticket] = await ticketViews(needs, calendar, [taken], call, tx)
    return { ticket }
  },
})
