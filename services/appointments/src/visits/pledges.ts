import type { OutgoingEvent } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import { byService } from '@unefois/proto/hand'
import type { KeptAppointment } from '../domain/appointment.js'
import { pledgeSteps, pledgeTold, type VisitOutcome } from '../domain/visit.js'
import { type KeptPledge, type PledgeKey, Pledges } from '../store/pledges.js'
import { visitLegCancelled } from './events.js'
import { bookPledged, endMeetings } from './meetings.js'
import type { VisitNeeds } from './needs.js'

/** For so long an ended pledge keeps out one that comes late. */
export const pledgeKeptMs = 7 * 86_400_000

/** Keeps the outcome of a visit of which no pledge is here. Booked it cannot be without one: then this meeting is none. */
const keepUnknown = async (needs: VisitNeeds, tx: Transaction, key: PledgeKey, outcome: VisitOutcome) => {
  const { member, visitId, leg } = key
  const { runtime, pledges } = needs
  const isMissing = outcome === 'booked'
  const deleteAfterMs = runtime.clock.nowMs() + pledgeKeptMs
  const state = isMissing ? 'cancelled' : outcome
  await pledges.insert(tx, { ...key, appointmentId: undefined, state, askAtMs: undefined, deleteAfterMs })
  if (!isMissing) return []
  runtime.log.error({ member, visitId, leg }, 'a visit was booked of which no pledge is here')
  return [visitLegCancelled(member, visitId, leg, '')]
}

const change = async (
  needs: VisitNeeds,
  tx: Transaction,
  pledge: KeptPledge,
  meeting: KeptAppointment | undefined,
  outcome: VisitOutcome,
): Promise<readonly OutgoingEvent[]> => {
  const { runtime, pledges } = needs
  const told = pledgeTold(pledge.state, outcome)
  if (told.meeting === 'none') return []
  const deleteAfterMs = Math.max(runtime.clock.nowMs(), meeting?.endsAtMs ?? 0) + pledgeKeptMs
  // Its meeting went by another way than a cancellation: the coordinator hears that it is none.
  if (told.meeting === 'book' && meeting?.state !== 'held') {
    await pledges.end(tx, pledge, 'cancelled', deleteAfterMs)
    return [visitLegCancelled(pledge.member, pledge.visitId, pledge.leg, '')]
  }
  await pledges.end(tx, pledge, told.state, deleteAfterMs)
  if (!meeting) return []
  return told.meeting === 'book'
    ? bookPledged(tx, needs, [meeting])
    : endMeetings(tx, needs, [meeting], { hand: byService, because: '' })
}

/**
 * Applies what a member says became of one leg of its visit; what was heard before changes nothing. An outcome of which no pledge is
 * here is kept and keeps out a pledge that comes after it. Answers events to be added.
 */
export const applyOutcome = async (
  needs: VisitNeeds,
  tx: Transaction,
  key: PledgeKey,
  outcome: VisitOutcome,
): Promise<readonly OutgoingEvent[]> => {
  const { pledges, appointments } = needs
  await pledges.lockMember(tx, key.member)
  const known = await pledges.get(key, tx)
  if (!known) return keepUnknown(needs, tx, key, outcome)
  // The meeting is locked before its pledge, as by who cancels it.
  const [meeting] = known.appointmentId === undefined ? [] : await appointments.lock(tx, [known.appointmentId])
  const pledge = await pledges.lock(tx, key)
  return pledge ? change(needs, tx, pledge, meeting, outcome) : []
}

/**
 * Meetings were cancelled here, in this transaction, which has them locked. Where one belongs to another member's visit, that member is
 * to hear of it. Answers events to be added.
 */
export const afterMeetingsCancelled = async (
  { runtime }: Pick<VisitNeeds, 'runtime'>,
  tx: Transaction,
  meetings: readonly KeptAppointment[],
  because: string,
): Promise<readonly OutgoingEvent[]> => {
  const pledges = new Pledges(runtime.postgres)
  const events: OutgoingEvent[] = []
  for (const { appointmentId, visitId, endsAtMs } of meetings) {
    const pledge = visitId === undefined ? undefined : await pledges.lockOfAppointment(tx, appointmentId)
    if (!pledge || !pledgeSteps[pledge.state].includes('cancelled')) continue
    await pledges.end(tx, pledge, 'cancelled', Math.max(runtime.clock.nowMs(), endsAtMs) + pledgeKeptMs)
    events.push(visitLegCancelled(pledge.member, pledge.visitId, pledge.leg, because))
  }
  return events
}
