import type { Appointment } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { mayFollow, type StateName } from './appointment-state.js'
import type { Span } from './slots.js'

/** What of an appointment only its file says: who comes how, and what was said. */
export type AppointmentSaid = Pick<
  Appointment,
  | 'channel'
  | 'units'
  | 'needs'
  | 'contact'
  | 'language'
  | 'note'
  | 'preApplications'
  | 'bookedAtMs'
  | 'bookedBy'
  | 'cancelledBy'
  | 'cancelledBecause'
  | 'attendedBy'
  | 'preparation'
  | 'mandate'
  | 'visitCode'
>

/** A hold or an appointment as it is kept. Times are milliseconds since 1970. */
export interface KeptAppointment extends Span {
  readonly appointmentId: string
  /** Empty for somebody without an account. */
  readonly subject: string
  readonly serviceTypeId: string
  readonly scheduleNo: number
  readonly placeId: string
  readonly practitionerNo: number | undefined
  readonly state: StateName
  readonly revision: number
  readonly motive: string
  /** Made by the person with their own token: of one motive one is live. */
  readonly isByPerson: boolean
  /** Of a hold that ends by itself. */
  readonly heldUntilMs: number | undefined
  readonly seriesId: string | undefined
  readonly visitId: string | undefined
  /** SHA-256 of the secret by which somebody without an account has it. */
  readonly secretSha256: Buffer | undefined
  /** When the next reminder is due. */
  readonly remindAtMs: number | undefined
  readonly deleteAfterMs: number
  readonly said: AppointmentSaid
}

export const unsaid: AppointmentSaid = {
  channel: 0,
  units: 1,
  needs: undefined,
  contact: undefined,
  language: '',
  note: '',
  preApplications: [],
  bookedAtMs: 0,
  bookedBy: undefined,
  cancelledBy: undefined,
  cancelledBecause: '',
  attendedBy: undefined,
  preparation: undefined,
  mandate: undefined,
  visitCode: '',
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const usualHoldMinutes = 10
const usualKeptDays = 90
/** For so long who held a slot hears that it is over. */
const lapsedKeptMs = dayMs

export const motiveOf = ({ motive, serviceTypeId }: Pick<ServiceType, 'motive' | 'serviceTypeId'>): string =>
  motive || serviceTypeId

export const holdEndsAtMs = ({ holdMinutes }: Pick<ServiceType, 'holdMinutes'>, nowMs: number): number =>
  nowMs + (holdMinutes || usualHoldMinutes) * 60_000

/** Whether a hold is over, also before anybody has removed it; one without an end stands for as long as its visit is undecided. */
export const isHoldOver = (
  { state, heldUntilMs }: Pick<KeptAppointment, 'state' | 'heldUntilMs'>,
  nowMs: number,
): boolean => state === 'lapsed' || (state === 'held' && heldUntilMs !== undefined && heldUntilMs <= nowMs)

/** When a hold or an appointment is deleted. */
export const deletedAfterMs = (
  { endsAtMs, heldUntilMs }: Pick<KeptAppointment, 'endsAtMs' | 'heldUntilMs'>,
  { keptDays }: Pick<ServiceType, 'keptDays'>,
): number => (heldUntilMs === undefined ? endsAtMs + (keptDays || usualKeptDays) * dayMs : heldUntilMs + lapsedKeptMs)

/** The first reminder that is due after a moment; undefined: none any more. */
export const reminderAfter = (
  { startsAtMs }: Pick<Span, 'startsAtMs'>,
  { reminderHours }: Pick<ServiceType, 'reminderHours'>,
  afterMs: number,
): number | undefined => {
  const ahead = reminderHours.map((hours) => startsAtMs - hours * hourMs).filter((atMs) => atMs > afterMs)
  return ahead.length > 0 ? Math.min(...ahead) : undefined
}

/** An appointment in its next state, one revision on; undefined where it stands so that it cannot follow. */
export const inState = (
  kept: KeptAppointment,
  state: StateName,
  change: Partial<KeptAppointment> = {},
): KeptAppointment | undefined =>
  mayFollow(kept.state, state) ? { ...kept, ...change, state, revision: kept.revision + 1 } : undefined
