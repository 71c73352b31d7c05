import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { Reason } from '@unefois/proto/reasons'
import { inState, type KeptAppointment } from './appointment.js'
import { type BookingWay, changeRefusal } from './booking-rules.js'

/** Who cancels, by which way, and why. */
export interface Cancelling {
  readonly way: BookingWay
  readonly hand: Hand
  readonly because: string
}

/** An appointment that is cancelled, or why it is not. */
export const cancelled = (
  kept: KeptAppointment,
  type: Pick<ServiceType, 'changeUntilMinutes'>,
  { way, hand, because }: Cancelling,
  nowMs: number,
): KeptAppointment | Reason => {
  // What is pledged for a visit an agent may give back; whoever booked the visit cancels it whole.
  if (kept.state === 'held' && (kept.visitId === undefined || way !== 'agent')) return 'APPOINTMENT_ENDED'
  const said = { ...kept.said, cancelledBy: hand, cancelledBecause: because }
  const ended = inState(kept, 'cancelled', { remindAtMs: undefined, said })
  if (!ended) return 'APPOINTMENT_ENDED'
  return changeRefusal(kept, type, way, nowMs) ?? ended
}

/** The same of a series: what has begun, or is too late for who cancels, stays. None: why not even that one is cancelled. */
export const cancelledSeries = (
  series: readonly KeptAppointment[],
  named: KeptAppointment,
  typeOf: (kept: KeptAppointment) => Pick<ServiceType, 'changeUntilMinutes'>,
  cancelling: Cancelling,
  nowMs: number,
): readonly KeptAppointment[] | Reason => {
  const ahead = series.filter(({ startsAtMs }) => startsAtMs > nowMs)
  const ended = ahead.map((each) => cancelled(each, typeOf(each), cancelling, nowMs))
  const kept = ended.filter((each) => typeof each !== 'string')
  if (kept.length > 0) return kept
  const refusal = cancelled(named, typeOf(named), cancelling, nowMs)
  return typeof refusal === 'string' ? refusal : 'APPOINTMENT_ENDED'
}
