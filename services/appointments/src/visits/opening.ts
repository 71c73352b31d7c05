import type { Transaction } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import type { SlotChosen } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { BookVisitRequest, VisitLeg } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { MeshError } from '@unefois/proto/reasons'
import { requireSound, requireSoundVisit } from '../appointment/refusals.js'
import { knownType, meetingChosen, unitsOf } from '../booking/chosen-meeting.js'
import { afterReleased } from '../booking/freed.js'
import { formerHolds, giveUpHolds, lockParty } from '../booking/own-holds.js'
import { type BookingParty, bookingParty, requireBookable } from '../booking/party.js'
import { reachedBy } from '../booking/reach.js'
import { type KeptAppointment, motiveOf } from '../domain/appointment.js'
import type { Calendar } from '../domain/calendar.js'
import { contactFault } from '../domain/contact.js'
import type { Meeting } from '../domain/meeting.js'
import { channelOfVisit, decideWithinMs, visitChannelFault } from '../domain/visit.js'
import type { KeptVisit } from '../store/visits.js'
import { drawVisitCode } from './code.js'
import { pledgeMeetings } from './meetings.js'
import type { VisitNeeds } from './needs.js'

const dayMs = 86_400_000
/** A visit is kept for at least so long after its meetings, for the members that still ask. */
const keptMs = 7 * dayMs

/** One leg of a request, whose slot is there. */
export interface WantedLeg {
  readonly member: string
  readonly slot: SlotChosen
}

export const wantedLegs = ({ legs }: BookVisitRequest): WantedLeg[] =>
  legs.map(({ member, slot }) => ({ member, slot: slot as SlotChosen }))

/** Error: VISIT_INVALID for legs of which none is here, of which two begin at the same time, or of which one is at no counter. */
export const requireVisit = (legs: readonly WantedLeg[], coordinator: string): void => {
  const beginnings = new Set(legs.map(({ slot }) => slot.startsAtMs))
  if (beginnings.size < legs.length || !legs.some(({ member }) => member === coordinator))
    throw new MeshError('VISIT_INVALID')
  for (const [leg, { slot }] of legs.entries()) requireSoundVisit(visitChannelFault(slot.channel, `legs.${leg}.slot`))
}

/** The public id of the place in which the visit is. Error: VISIT_INVALID where own meetings are in none, or in several. */
export const sharedPlaceOf = (calendar: Calendar, placeIds: readonly string[]): string => {
  const [shared, ...others] = new Set(placeIds.map((id) => calendar.places.get(id)?.sharedPlace ?? ''))
  if (!shared || others.length > 0) throw new MeshError('VISIT_INVALID')
  return shared
}

/** The own meetings, by the number of the leg. Errors: as `requireBookable` and `meetingChosen`. */
const ownMeetings = async (
  needs: VisitNeeds,
  tx: Transaction,
  request: BookVisitRequest,
  { calendar, party }: { readonly calendar: Calendar; readonly party: BookingParty },
): Promise<ReadonlyMap<number, Meeting>> => {
  const { needs: stated, mandate } = request
  const wish = { way: party.way, isAccompanied: stated?.isAccompanied ?? false }
  const meetings = new Map<number, Meeting>()
  for (const [leg, { member, slot }] of wantedLegs(request).entries()) {
    if (member !== needs.runtime.member) continue
    const field = `legs.${leg}.slot`
    const type = knownType(calendar, slot.serviceTypeId)
    requireBookable(needs, type, party, { mandate, field })
    meetings.set(leg, await meetingChosen(needs, calendar, { slot, type, field, wish }, tx))
  }
  return meetings
}

const legOf = ({ member, slot }: WantedLeg, own: KeptAppointment | undefined): VisitLeg => ({
  member,
  slot: { ...slot, units: unitsOf(slot) },
  endsAtMs: own?.endsAtMs ?? 0,
  appointmentId: own?.appointmentId ?? '',
  isConfirmed: false,
  isCancelled: false,
  cancelledBecause: '',
  needsMandate: false,
})

/** Keeps the own slots. Errors: APPOINTMENT_LIMIT_REACHED, SLOT_TAKEN. */
const pledgeOwn = async (
  needs: VisitNeeds,
  tx: Transaction,
  request: BookVisitRequest,
  party: BookingParty,
  { meetings, code }: { readonly meetings: readonly Meeting[]; readonly code: string },
): Promise<{ readonly subject: string; readonly pledged: readonly KeptAppointment[] }> => {
  const { visitId, contact, language, needs: stated, mandate } = request
  const standing = await lockParty(tx, needs, party)
  const all = meetings.map(({ type }) => motiveOf(type))
  const motives = [...new Set(all)]
  if (party.way === 'person' && motives.length < all.length) throw new MeshError('APPOINTMENT_LIMIT_REACHED')
  const given = await giveUpHolds(
    tx,
    needs,
    await formerHolds(tx, needs, { ...party, standing }, { motives, booking: [] }),
  )
  const pledged = await pledgeMeetings(tx, needs, meetings, {
    visitId,
    subject: standing,
    isByPerson: party.way === 'person',
    said: {
      needs: stated,
      contact: reachedBy(contact, channelOfVisit),
      language,
      mandate,
      bookedBy: party.hand,
      visitCode: code,
    },
  })
  const events = await afterReleased(tx, needs, given.appointments, given.claims)
  if (events.length > 0) await needs.runtime.outbox.add(tx, events)
  return { subject: pledged[0]?.subject ?? standing, pledged }
}

/**
 * Begins a visit: its row, and the own slots that are kept for it, in one transaction, before any other member is asked. Errors:
 * CALLER_NOT_ALLOWED, VISIT_INVALID, SERVICE_TYPE_UNKNOWN, URGENT_SEEN_TODAY, BOOKING_NOT_ALLOWED, MANDATE_MISSING, MANDATE_ENDED,
 * SLOT_UNKNOWN, TIME_PASSED, SLOT_NOT_OPEN, SLOT_RESERVED, APPOINTMENT_LIMIT_REACHED, SLOT_TAKEN, APPOINTMENT_INVALID.
 */
export const openVisit = async (
  needs: VisitNeeds,
  tx: Transaction,
  request: BookVisitRequest,
  call: Pick<Call, 'caller'>,
): Promise<KeptVisit> => {
  const { runtime, book, visits } = needs
  const { subject: named, by, visitId } = request
  const legs = wantedLegs(request)
  requireVisit(legs, runtime.member)
  requireSound(contactFault(request.contact))
  const party = await bookingParty(needs, { subject: named, by, secret: undefined }, call, tx)
  const calendar = await book.current(tx)
  const meetings = await ownMeetings(needs, tx, request, { calendar, party })
  sharedPlaceOf(
    calendar,
    [...meetings.values()].map(({ schedule }) => schedule.place.placeId),
  )
  const code = drawVisitCode()
  const { subject, pledged } = await pledgeOwn(needs, tx, request, party, { meetings: [...meetings.values()], code })
  const own = new Map([...meetings.keys()].map((leg, index) => [leg, pledged[index]]))
  const ownUntilMs = Math.max(...pledged.map(({ deleteAfterMs }) => deleteAfterMs))
  const lastMs = Math.max(...legs.map(({ slot }) => slot.startsAtMs)) + dayMs
  const visit: KeptVisit = {
    visitId,
    subject,
    state: 'pledging',
    decideByMs: Math.floor(runtime.clock.nowMs()) + decideWithinMs,
    deleteAfterMs: Math.max(ownUntilMs, lastMs + keptMs),
    legs: legs.map((leg, index) => legOf(leg, own.get(index))),
    code,
    refusedBy: '',
    refusedBecause: '',
  }
  await visits.insert(tx, visit)
  return visit
}
