import { randomUUID } from 'node:crypto'
import type { Transaction } from '@unefois/chassis/postgres'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type { CallNextTicketRequest, CallNextTicketResponse } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { handBehind } from '../booking/party.js'
import type { Calendar, KnownResource, KnownSchedule } from '../domain/calendar.js'
import { localDay } from '../domain/local-time.js'
import { meetingMs } from '../domain/slots.js'
import { callEndMs } from '../domain/ticket.js'
import { takenOf } from '../store/taken.js'
import { openNow, type WalkInNeeds } from '../walk-ins/needs.js'
import { ticketViews } from '../walk-ins/view.js'
import { by, calendarId } from './appointment-fields.js'

const schedulesOf = (calendar: Calendar, { no }: KnownResource) =>
  [...calendar.schedules.values()].filter(
    ({ schedule, practitioner }) => practitioner?.no === no && !schedule.isRetired,
  )

const longestMeetingMs = 480 * 60_000

/** Until when a call of so long would take a practitioner now. */
const endOf = async (
  needs: WalkInNeeds,
  tx: Transaction,
  { no: resourceNo }: KnownResource,
  schedules: readonly KnownSchedule[],
  nowMs: number,
): Promise<(lengthMs: number) => number | undefined> => {
  const reach = { startsAtMs: nowMs, endsAtMs: nowMs + longestMeetingMs }
  const taken = (await takenOf(tx, [{ ...reach, resourceNo }], nowMs)).get(resourceNo) ?? []
  const openings = await openNow(needs, tx, schedules, nowMs)
  const [opening] = openings.sort((a, b) => b.endsAtMs - a.endsAtMs)
  return (lengthMs) => callEndMs(nowMs, lengthMs, taken, opening)
}

/**
 * Errors: PRACTITIONER_UNKNOWN; APPOINTMENT_INVALID for a hand that is no agent's or not whole; SLOT_TAKEN where somebody has the practitioner now or within five minutes, also who was called
 * before and not closed.
 */
export const callNextTicket = (needs: WalkInNeeds): EffectRpc<CallNextTicketRequest, CallNextTicketResponse> => ({
  request: z.object({ practitionerId: calendarId, by }),
  effect: async ({ practitionerId, by: named }, call, tx) => {
    const { runtime, book, claims, tickets } = needs
    const nowMs = Math.floor(runtime.clock.nowMs())
    const calledBy = named && handBehind(call, named, ['agent'])
    const calendar = await book.current(tx)
    const practitioner = calendar.practitioners.get(practitionerId)
    const place = practitioner && calendar.places.get(practitioner.resource.placeId)
    if (!practitioner || !place) throw new MeshError('PRACTITIONER_UNKNOWN')
    const schedules = schedulesOf(calendar, practitioner)
    const does = [...new Set(schedules.flatMap(({ schedule }) => schedule.serviceTypeIds))]
    const day = localDay(place.zone, nowMs)
    await tickets.lockCaller(tx, practitioner.no)
    const endsAtMs = await endOf(needs, tx, practitioner, schedules, nowMs)
    // A ticket that cannot be called is not locked: another practitioner would think that nobody waits.
    if (endsAtMs(longestMeetingMs) === undefined) {
      if (await tickets.isAnybodyWaiting(tx, place.placeId, day, does)) throw new MeshError('SLOT_TAKEN')
      return { ticket: undefined }
    }
    const next = await tickets.lockNext(tx, place.placeId, day, does)
    const type = next && calendar.serviceTypes.get(next.serviceTypeId)
    if (!type) return { ticket: undefined }

    const { ticketId } = next
    const span = { startsAtMs: nowMs, endsAtMs: endsAtMs(meetingMs(type, 1)) ?? nowMs }
    const wanted = { ...span, holderId: ticketId, resourceNo: practitioner.no, sessionId: randomUUID() }
    const claim = { ...wanted, lanes: 1, seats: 1, expiresAtMs: undefined }
    if (!(await claims.take(tx, [claim], nowMs))) throw new MeshError('SLOT_TAKEN')
    const taking = { practitionerNo: practitioner.no, atMs: nowMs, untilMs: span.endsAtMs, by: calledBy }
    const called = await tickets.call(tx, next, taking)
    const [ticket] = await ticketViews(needs, calendar, [called], call, tx)
    return { ticket }
  },
})
