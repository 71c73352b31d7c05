import type { Transaction } from '@unefois/chassis/postgres'
import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type { CancelVisitRequest, CancelVisitResponse } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { invalid, requireNone } from '../appointment/refusals.js'
import { handBehind, requireMandate, wayOf } from '../booking/party.js'
import type { KeptAppointment } from '../domain/appointment.js'
import { changeRefusal } from '../domain/booking-rules.js'
import type { KeptVisit } from '../store/visits.js'
import { endOfVisit, giveUpVisit, lockVisit } from '../visits/decision.js'
import { endMeetings, isAhead } from '../visits/meetings.js'
import type { VisitNeeds } from '../visits/needs.js'
import { requireOwnVisit, visitView } from '../visits/view.js'
import { by, mandate } from './appointment-fields.js'

/** Error: CHANGE_TOO_LATE for who is no agent, shortly before one of the own meetings. */
const requireChangeable = async (
  { runtime, book }: VisitNeeds,
  tx: Transaction,
  ahead: readonly KeptAppointment[],
  hand: Hand,
): Promise<void> => {
  const { serviceTypes } = await book.current(tx)
  for (const meeting of ahead) {
    const type = serviceTypes.get(meeting.serviceTypeId)
    if (type) requireNone(changeRefusal(meeting, type, wayOf(hand), runtime.clock.nowMs()))
  }
}

const cancelBooked = async (
  needs: VisitNeeds,
  tx: Transaction,
  { visit, meetings }: { readonly visit: KeptVisit; readonly meetings: readonly KeptAppointment[] },
  ended: { readonly hand: Hand; readonly because: string },
): Promise<KeptVisit> => {
  const { runtime, visits } = needs
  const nowMs = runtime.clock.nowMs()
  const ahead = meetings.filter((each) => isAhead(each, nowMs))
  const isElsewhere = visit.legs.some(
    ({ appointmentId, slot, isCancelled }) => appointmentId === '' && !isCancelled && (slot?.startsAtMs ?? 0) > nowMs,
  )
  if (ahead.length === 0 && !isElsewhere) throw new MeshError('VISIT_ENDED')
  await requireChangeable(needs, tx, ahead, ended.hand)
  const cancelled = { ...visit, state: 'cancelled' as const }
  await visits.save(tx, cancelled)
  const events = await endMeetings(tx, needs, ahead, ended)
  await runtime.outbox.add(tx, [...events, ...endOfVisit(runtime.member, cancelled, 'cancelled')])
  return cancelled
}

const cancel = async (
  needs: VisitNeeds,
  tx: Transaction,
  { visitId, because, by: named, mandate: shown }: CancelVisitRequest,
  call: Call,
): Promise<KeptVisit> => {
  const hand = handBehind(call, named, ['agent', 'helper'])
  const locked = await lockVisit(needs, tx, visitId)
  const visit = await requireOwnVisit(needs, call, locked?.visit, tx)
  if (!locked || visit.state === 'cancelled') return visit
  const { serviceTypes } = await needs.book.current(tx)
  const needsMandate =
    visit.legs.some((leg) => leg.needsMandate && !leg.isCancelled) ||
    locked.meetings.some((each) => serviceTypes.get(each.serviceTypeId)?.needsMandate === true)
  requireMandate(needs, wayOf(hand), shown, { needsMandate })
  if (visit.state === 'released') throw new MeshError('VISIT_ENDED')
  if (hand.who?.$case === 'agent' && because.trim() === '')
    throw invalid({ field: 'because', what: 'says why, where an agent cancels' })
  return visit.state === 'pledging'
    ? giveUpVisit(needs, tx, locked)
    : cancelBooked(needs, tx, locked, { hand, because })
}

/**
 * Cancels what has not begun, also at the other agencies; a visit that is not decided yet is released. Cancelled before, it is answered
 * again. Errors: VISIT_UNKNOWN, also for another person's; VISIT_ENDED where nothing is left to be cancelled; CHANGE_TOO_LATE;
 * MANDATE_MISSING and MANDATE_ENDED for a helper; APPOINTMENT_INVALID; ASSURANCE_TOO_LOW.
 */
export const cancelVisit = (needs: VisitNeeds): PlainRpc<CancelVisitRequest, CancelVisitResponse> => ({
  request: z.object({ visitId: z.uuid(), because: z.string().max(500), by, mandate }),
  handle: async (request, call) => {
    const { runtime } = needs
    const visit = await runtime.postgres.transaction((tx) => cancel(needs, tx, request, call))
    runtime.outbox.wake()
    return { visit: await visitView(needs, visit, call) }
  },
})
