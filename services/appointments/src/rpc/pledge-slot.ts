import type { Transaction } from '@unefois/chassis/postgres'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { PledgeSlotRequest, PledgeSlotResponse } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireNone, requireSoundVisit } from '../appointment/refusals.js'
import { knownType, meetingChosen, unitsOf } from '../booking/chosen-meeting.js'
import { bookerRefusal } from '../domain/booking-rules.js'
import { askAgainMs, mostPledgesOfMember, pledgeAsked, visitChannelFault } from '../domain/visit.js'
import type { PledgeKey } from '../store/pledges.js'
import { pledgeMeetings } from '../visits/meetings.js'
import { memberCalling, openToVisitsOf } from '../visits/members.js'
import type { VisitNeeds } from '../visits/needs.js'
import { pledgeKeptMs } from '../visits/pledges.js'
import { slot, statedNeeds } from './appointment-fields.js'

type Pledging = Pick<VisitNeeds, 'runtime' | 'book' | 'openings' | 'claims' | 'appointments' | 'waiting' | 'pledges'>

/** What was pledged before is answered again. Error: VISIT_ENDED; VISIT_INVALID for another slot than then. */
const pledgedBefore = async (
  { pledges, appointments, book }: Pledging,
  tx: Transaction,
  key: PledgeKey,
  { scheduleId, serviceTypeId, startsAtMs, units }: NonNullable<PledgeSlotRequest['slot']>,
): Promise<PledgeSlotResponse | undefined> => {
  const pledge = await pledges.get(key, tx)
  const todo = pledgeAsked(pledge?.state)
  if (todo === 'ended') throw new MeshError('VISIT_ENDED')
  if (todo === 'take') return undefined
  const meeting = pledge?.appointmentId === undefined ? undefined : await appointments.get(pledge.appointmentId, tx)
  if (!meeting) throw new MeshError('VISIT_ENDED')
  const calendar = await book.current(tx)
  const schedule = calendar.schedulesByNo.get(meeting.scheduleNo)?.schedule
  const isSame =
    schedule?.scheduleId === scheduleId &&
    meeting.serviceTypeId === serviceTypeId &&
    meeting.startsAtMs === startsAtMs &&
    meeting.said.units === unitsOf({ units })
  if (!isSame) throw new MeshError('VISIT_INVALID')
  return { endsAtMs: meeting.endsAtMs, needsMandate: knownType(calendar, serviceTypeId).needsMandate }
}

const take = async (
  needs: Pledging,
  tx: Transaction,
  key: PledgeKey,
  { slot: chosen, code, language, needs: stated, sharedPlace }: PledgeSlotRequest,
): Promise<PledgeSlotResponse> => {
  if (!chosen) throw new MeshError('SLOT_UNKNOWN')
  const { runtime, book, pledges } = needs
  const calendar = await book.current(tx)
  const type = openToVisitsOf(calendar, chosen.serviceTypeId, key.member)
  requireNone(bookerRefusal(knownType(calendar, chosen.serviceTypeId), 'agent'))
  requireSoundVisit(visitChannelFault(chosen.channel, 'slot'))
  if ((await pledges.countLive(tx, key.member)) >= mostPledgesOfMember) throw new MeshError('VISIT_NOT_TAKEN')
  // What is kept for accompanied people, and what cannot be booked yet or any more, is so for who comes by a visit too.
  const wish = { way: 'helper', isAccompanied: stated?.isAccompanied ?? false } as const
  const meeting = await meetingChosen(needs, calendar, { slot: chosen, type, field: 'slot', wish }, tx)
  if (meeting.schedule.place.sharedPlace !== sharedPlace) throw new MeshError('VISIT_INVALID')
  const contact = { way: 'none', address: '' }
  const [kept] = await pledgeMeetings(tx, needs, [meeting], {
    visitId: key.visitId,
    subject: '',
    isByPerson: false,
    said: { needs: stated, language, contact, visitCode: code },
  })
  const nowMs = runtime.clock.nowMs()
  const deleteAfterMs = meeting.endsAtMs + pledgeKeptMs
  const askAtMs = nowMs + askAgainMs(0)
  await pledges.insert(tx, { ...key, appointmentId: kept?.appointmentId, state: 'pledged', askAtMs, deleteAfterMs })
  return { endsAtMs: meeting.endsAtMs, needsMandate: type.needsMandate }
}

/**
 * Errors: VISIT_NOT_TAKEN for a member to whose visits this is not open, or for whom many slots are kept already; VISIT_ENDED for a
 * visit that has ended; VISIT_INVALID in another shared place, or at no counter; SLOT_TAKEN, SLOT_UNKNOWN, TIME_PASSED, SLOT_NOT_OPEN, SLOT_RESERVED,
 * URGENT_SEEN_TODAY, APPOINTMENT_INVALID.
 */
export const pledgeSlot = (needs: Pledging): PlainRpc<PledgeSlotRequest, PledgeSlotResponse> => ({
  request: z.object({
    visitId: z.uuid(),
    leg: z.number().int().min(0).max(3),
    slot,
    code: z.string().regex(/^[A-Z2-9]{8}$/, 'not 8 of A-Z and 2-9'),
    language: z.enum(['fr', 'en']),
    needs: statedNeeds,
    sharedPlace: z.string().min(1).max(64),
  }),
  handle: async (request, call) => {
    const member = memberCalling(call)
    const { visitId, leg, slot: chosen } = request
    const key = { member, visitId, leg }
    return needs.runtime.postgres.transaction(async (tx) => {
      await needs.pledges.lockMember(tx, member)
      const before = chosen && (await pledgedBefore(needs, tx, key, chosen))
      return before ?? take(needs, tx, key, request)
    })
  },
})
