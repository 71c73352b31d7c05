import type { OutgoingEvent } from '@unefois/chassis/outbox'
import { VisitEnded, VisitLegCancelled, VisitState } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import type { VisitOutcome, VisitStateName } from '../domain/visit.js'

/** The appointments service of another member, as events are sent to it. */
export const visitReceiver = (member: string): string => `${member}/appointments`

export const visitTopic = 'visits'
export const visitEndedType = 'appointments.visit-ended.v1'
export const visitLegCancelledType = 'appointments.visit-leg-cancelled.v1'

const states = {
  pledging: VisitState.VISIT_STATE_PLEDGING,
  booked: VisitState.VISIT_STATE_BOOKED,
  released: VisitState.VISIT_STATE_RELEASED,
  cancelled: VisitState.VISIT_STATE_CANCELLED,
} as const satisfies Record<VisitStateName, VisitState>

export const visitState = (state: VisitStateName): VisitState => states[state]

/** Undefined for one that this version does not know. */
export const visitStateName = (state: VisitState): VisitStateName | undefined =>
  (Object.keys(states) as VisitStateName[]).find((name) => states[name] === state)

/** What became of a visit, for the member of one leg. */
export const visitEnded = (member: string, visitId: string, leg: number, outcome: VisitOutcome): OutgoingEvent => ({
  receiver: visitReceiver(member),
  topic: visitTopic,
  type: visitEndedType,
  data: VisitEnded.encode({ visitId, leg, state: states[outcome] }).finish(),
})

/** That a meeting of a visit is cancelled here, for the coordinator. */
export const visitLegCancelled = (
  coordinator: string,
  visitId: string,
  leg: number,
  because: string,
): OutgoingEvent => ({
  receiver: visitReceiver(coordinator),
  topic: visitTopic,
  type: visitLegCancelledType,
  data: VisitLegCancelled.encode({ visitId, leg, because }).finish(),
})
