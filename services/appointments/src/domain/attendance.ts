import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { FieldFault } from '@unefois/proto/hand'
import type { Reason } from '@unefois/proto/reasons'
import { inState, type KeptAppointment } from './appointment.js'
import { localDay } from './local-time.js'

/** What is said of whether somebody came. */
export type Attendance = 'arrived' | 'fulfilled' | 'no-show'

/** The same, and which agent says it. */
export interface AttendanceSaid {
  readonly state: Attendance
  readonly hand: Hand
}

/**
 * An appointment of which it is said whether the person came, or why that cannot be said: before its local day nobody has come, and
 * before it begins nobody is missing. Nothing follows from a no-show.
 */
export const attended = (
  kept: KeptAppointment,
  { state, hand }: AttendanceSaid,
  zone: string,
  nowMs: number,
): KeptAppointment | Reason | FieldFault => {
  const next = inState(kept, state, { remindAtMs: undefined, said: { ...kept.said, attendedBy: hand } })
  if (!next) return 'APPOINTMENT_ENDED'
  if (state === 'no-show' && nowMs < kept.startsAtMs) return { field: 'state', what: 'is said once it has begun' }
  const isDayThere = localDay(zone, nowMs) >= localDay(zone, kept.startsAtMs)
  return isDayThere ? next : { field: 'state', what: 'is said on its day at the earliest' }
}
