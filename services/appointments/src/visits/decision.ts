import type { OutgoingEvent } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import type { PledgeSlotResponse, VisitLeg } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { byService } from '@unefois/proto/hand'
import type { Reason } from '@unefois/proto/reasons'
import type { KeptAppointment } from '../domain/appointment.js'
import { decideVisit, type LegPledged, type VisitDecision, type VisitOutcome } from '../domain/visit.js'
import type { KeptVisit } from '../store/visits.js'
import { visitEnded } from './events.js'
import { bookPledged, endMeetings } from './meetings.js'
import type { VisitNeeds } from './needs.js'

/** What the agency of a leg answered: until when its meeting is, or why it keeps no slot. */
export type LegAnswer = PledgeSlotResponse | { readonly refusal: Reason }

/** By the number of the leg; one that is missing was not answered. */
export type LegAnswers = ReadonlyMap<number, LegAnswer>

const releasedKeptMs = 7 * 86_400_000

/** A visit with its own meetings, all of them locked until the transaction ends: the meetings first, as by who cancels one. */
export const lockVisit = async (
  { visits, appointments }: Pick<VisitNeeds, 'visits' | 'appointments'>,
  tx: Transaction,
  visitId: string,
): Promise<{ readonly visit: KeptVisit; readonly meetings: readonly KeptAppointment[] } | undefined> => {
  const known = await visits.get(visitId, tx)
  const own = known?.legs.flatMap(({ appointmentId }) => appointmentId || []) ?? []
  const meetings = await appointments.lock(tx, own)
  const visit = await visits.lock(tx, visitId)
  return visit && { visit, meetings }
}

/** What became of a visit, for each other agency that may keep a slot for it. */
export const endOfVisit = (
  coordinator: string,
  { visitId, legs }: Pick<KeptVisit, 'visitId' | 'legs'>,
  outcome: VisitOutcome,
): OutgoingEvent[] =>
  legs.flatMap(({ member }, leg) => (member === coordinator ? [] : [visitEnded(member, visitId, leg, outcome)]))

const pledgeIn = (answer: LegAnswer | undefined): PledgeSlotResponse | undefined =>
  answer && 'endsAtMs' in answer ? answer : undefined

const refusalOf = (leg: VisitLeg, answer: LegAnswer | undefined, own: KeptAppointment | undefined) => {
  if (leg.isCancelled) return 'APPOINTMENT_ENDED'
  // An agent may have given an own meeting's slot back meanwhile.
  if (leg.appointmentId !== '') return own?.state === 'held' ? undefined : 'APPOINTMENT_ENDED'
  return answer && 'refusal' in answer ? answer.refusal : undefined
}

const pledgedLegs = (visit: KeptVisit, meetings: readonly KeptAppointment[], answers: LegAnswers): LegPledged[] =>
  visit.legs.map((leg, index) => {
    const answer = answers.get(index)
    const own = meetings.find(({ appointmentId }) => appointmentId === leg.appointmentId)
    return {
      member: leg.member,
      startsAtMs: leg.slot?.startsAtMs ?? 0,
      endsAtMs: own?.endsAtMs ?? pledgeIn(answer)?.endsAtMs ?? 0,
      refusal: refusalOf(leg, answer, own),
    }
  })

const release = async (
  needs: VisitNeeds,
  tx: Transaction,
  { visit, meetings }: { readonly visit: KeptVisit; readonly meetings: readonly KeptAppointment[] },
  why: Pick<KeptVisit, 'refusedBy' | 'refusedBecause'>,
): Promise<KeptVisit> => {
  const { runtime, visits } = needs
  const deleteAfterMs = runtime.clock.nowMs() + releasedKeptMs
  const released = { ...visit, ...why, state: 'released' as const, deleteAfterMs }
  await visits.save(tx, released)
  const freed = await endMeetings(tx, needs, meetings, { hand: byService, because: '' })
  await runtime.outbox.add(tx, [...freed, ...endOfVisit(runtime.member, released, 'released')])
  return released
}

/** Releases a visit that is not decided, because nobody wants it any more. The transaction holds all of its locks. */
export const giveUpVisit = (
  needs: VisitNeeds,
  tx: Transaction,
  locked: { readonly visit: KeptVisit; readonly meetings: readonly KeptAppointment[] },
): Promise<KeptVisit> => release(needs, tx, locked, { refusedBy: '', refusedBecause: '' })

const book = async (
  needs: VisitNeeds,
  tx: Transaction,
  { visit, meetings }: { readonly visit: KeptVisit; readonly meetings: readonly KeptAppointment[] },
  { legs, answers }: { readonly legs: readonly LegPledged[]; readonly answers: LegAnswers },
): Promise<KeptVisit> => {
  const { runtime, visits } = needs
  const pledged = visit.legs.map((leg, index) => ({
    ...leg,
    endsAtMs: legs[index]?.endsAtMs ?? 0,
    needsMandate: pledgeIn(answers.get(index))?.needsMandate ?? false,
  }))
  const booked = { ...visit, state: 'booked' as const, legs: pledged }
  await visits.save(tx, booked)
  const events = await bookPledged(tx, needs, meetings)
  await runtime.outbox.add(tx, [...events, ...endOfVisit(runtime.member, booked, 'booked')])
  return booked
}

/**
 * Decides a visit, once: in one transaction with its own meetings and with the news for each member. Answers it as it stands
 * afterwards, also where it was decided before; undefined where it is none.
 */
export const decide = async (
  needs: VisitNeeds,
  tx: Transaction,
  visitId: string,
  answers: LegAnswers,
): Promise<KeptVisit | undefined> => {
  const { runtime } = needs
  const locked = await lockVisit(needs, tx, visitId)
  if (locked?.visit.state !== 'pledging') return locked?.visit
  const legs = pledgedLegs(locked.visit, locked.meetings, answers)
  const by = { coordinator: runtime.member, decideByMs: locked.visit.decideByMs }
  const decision: VisitDecision = decideVisit(legs, by, runtime.clock.nowMs())
  return decision.state === 'booked' ? book(needs, tx, locked, { legs, answers }) : release(needs, tx, locked, decision)
}
