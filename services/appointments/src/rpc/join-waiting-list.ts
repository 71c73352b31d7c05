import { randomUUID } from 'node:crypto'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type { MeetingChannel, ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type {
  JoinWaitingListRequest,
  JoinWaitingListResponse,
  Waiting,
} from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { isSubjectId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { invalid, requireSound } from '../appointment/refusals.js'
import { knownType } from '../booking/chosen-meeting.js'
import { type BookingParty, bookingParty, requireBookable } from '../booking/party.js'
import { reachOf } from '../booking/reach.js'
import type { Calendar } from '../domain/calendar.js'
import { contactFault, contactFor } from '../domain/contact.js'
import { isDay } from '../domain/local-time.js'
import { preApplicationsFault } from '../domain/pre-applications.js'
import { type KeptWaiting, waitingDeletedAfterMs } from '../domain/waiting.js'
import { mostWaitingDays, rangeMoments, rangeRefusal } from '../domain/waiting-range.js'
import type { WaitingNeeds } from '../waiting/needs.js'
import { waitingViews } from '../waiting/view.js'
import { noBound, serveTypes } from '../waiting/waiting.js'
import { by, calendarId, contact, mandate, statedNeeds } from './appointment-fields.js'

const waiting = z.object({
  subject: z.string().refine(isSubjectId, 'not a pseudonym'),
  serviceTypeId: calendarId,
  placeIds: z.array(calendarId).max(20),
  channel: z.number().int().min(0).max(4),
  fromDay: z.string().refine(isDay, 'not a day, YYYY-MM-DD'),
  toDay: z.string().refine(isDay, 'not a day, YYYY-MM-DD'),
  booksByItself: z.boolean(),
  offerMinutes: z.union([z.literal(0), z.number().int().min(30).max(2880)]),
  needs: statedNeeds,
  contact,
  language: z.enum(['fr', 'en']),
})

/** The moments between which a slot may begin. Errors: PLACE_UNKNOWN, RANGE_INVERTED, RANGE_TOO_LONG, TIME_PASSED. */
const momentsOf = ({ places }: Calendar, { placeIds, fromDay, toDay }: Waiting, nowMs: number) => {
  const there = placeIds.length > 0 ? placeIds.map((id) => places.get(id)) : [...places.values()]
  const zones = [
    ...new Set(
      there.map((place) => {
        if (!place) throw new MeshError('PLACE_UNKNOWN')
        return place.zone
      }),
    ),
  ]
  const refusal = rangeRefusal({ fromDay, toDay }, zones, nowMs)
  if (refusal === 'RANGE_TOO_LONG') throw new MeshError(refusal, { facts: { days: String(mostWaitingDays) } })
  if (refusal) throw new MeshError(refusal)
  return rangeMoments({ fromDay, toDay }, zones)
}

/** By what somebody may be given a time: what they asked for, or everything by which they can be reached. Error: APPOINTMENT_INVALID. */
const channelFor = (
  { channel, contact: way }: Waiting,
  { channels }: Pick<ServiceType, 'channels'>,
): MeetingChannel => {
  const faultOf = (one: MeetingChannel) => {
    const found = contactFor(way, reachOf(one))
    return 'field' in found ? found : undefined
  }
  const faults = (channel === 0 ? channels : [channel]).flatMap((one) => faultOf(one) ?? [])
  const [fault] = faults
  if (!fault) return channel
  const comes = channels.find((one) => reachOf(one) === 'comes')
  if (channel !== 0 || comes === undefined) throw invalid({ ...fault, field: `waiting.${fault.field}` })
  return comes
}

/** Errors: as `requireBookable`, BOOKING_NOT_ALLOWED also where each booking needs a pre-application, APPOINTMENT_INVALID naming the field. */
const requireWaitable = (
  needs: WaitingNeeds,
  calendar: Calendar,
  asked: Waiting,
  party: BookingParty,
  shown: JoinWaitingListRequest['mandate'],
): void => {
  const type = knownType(calendar, asked.serviceTypeId)
  requireBookable(needs, type, party, { mandate: shown, field: 'waiting' })
  if (preApplicationsFault([], type, 1, party.way)) throw new MeshError('BOOKING_NOT_ALLOWED')
  if (asked.channel !== 0 && !type.channels.includes(asked.channel))
    throw invalid({ field: 'waiting.channel', what: 'is one that the service type offers' })
  const fault = contactFault(asked.contact)
  requireSound(fault && { ...fault, field: `waiting.${fault.field}` })
}

/**
 * Errors: CALLER_NOT_ALLOWED for a person who names another, SERVICE_TYPE_UNKNOWN, URGENT_SEEN_TODAY, BOOKING_NOT_ALLOWED,
 * MANDATE_MISSING, MANDATE_ENDED, PLACE_UNKNOWN, RANGE_INVERTED, RANGE_TOO_LONG, TIME_PASSED, ALREADY_WAITING for what a person does
 * by their own hand, APPOINTMENT_INVALID naming the field.
 */
export const joinWaitingList = (needs: WaitingNeeds): EffectRpc<JoinWaitingListRequest, JoinWaitingListResponse> => ({
  request: z.object({ waiting, by, mandate }),
  effect: async (request, call, tx) => {
    const { runtime, book, appointments, waiting: list } = needs
    const nowMs = Math.floor(runtime.clock.nowMs())
    const asked = request.waiting as Waiting
    const party = await bookingParty(needs, { subject: asked.subject, by: request.by, secret: undefined }, call, tx)
    const calendar = await book.current(tx)
    requireWaitable(needs, calendar, asked, party, request.mandate)
    const { fromMs, untilMs } = momentsOf(calendar, asked, nowMs)

    const isByPerson = party.way === 'person'
    const subject = isByPerson ? await appointments.lockSubject(tx, asked.subject) : asked.subject
    await list.lockEntrance(tx)
    await list.lockList(tx)
    if (isByPerson && (await list.isWaiting(tx, subject, asked.serviceTypeId))) throw new MeshError('ALREADY_WAITING')
    const { fromDay, toDay, booksByItself, offerMinutes, needs: stated, contact: way, language } = asked
    const joined: KeptWaiting = {
      position: 0,
      waitingId: randomUUID(),
      subject,
      serviceTypeId: asked.serviceTypeId,
      placeIds: asked.placeIds,
      channel: channelFor(asked, knownType(calendar, asked.serviceTypeId)),
      ...{ fromMs, untilMs, isByPerson },
      passedMs: [],
      state: 'waiting',
      appointmentId: undefined,
      offeredUntilMs: undefined,
      deleteAfterMs: waitingDeletedAfterMs(untilMs),
      said: {
        ...{ fromDay, toDay, booksByItself, offerMinutes, needs: stated, contact: way, language },
        sinceMs: nowMs,
        slot: undefined,
        mandate: request.mandate,
      },
    }
    const { waitingId } = await list.insert(tx, joined)
    const serviceTypeIds = [asked.serviceTypeId]
    const events = await serveTypes(needs, tx, { serviceTypeIds, untilMs, bound: noBound })
    if (events.length > 0) await runtime.outbox.add(tx, events)
    const kept = await list.get(waitingId, tx)
    const [view] = await waitingViews(needs, kept ? [kept] : [], call, tx)
    return { waiting: view }
  },
})
