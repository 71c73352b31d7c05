import type { Queryable } from '@unefois/chassis/postgres'
import type { StateName } from '../domain/appointment-state.js'
import { isProtected } from './protected-subjects.js'

/** Which appointments are wanted; undefined: all. */
export interface WantedAppointments {
  readonly subject: string | undefined
  readonly placeId: string | undefined
  readonly practitionerNo: number | undefined
  /** Undefined: all but holds. */
  readonly state: StateName | undefined
  /** From this beginning on, and before that one. */
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  /** For holds that are over. */
  readonly nowMs: number
  /** Whether those of people who are protected now are as if they were not there. */
  readonly withoutProtected: boolean
}

/** Where a reader of the list stands: the last appointment that was looked at. */
export interface AppointmentCursor {
  readonly startsAtMs: number
  readonly appointmentId: string
}

interface Row {
  readonly appointment_id: string
  readonly starts_at_ms: number
  readonly state: StateName
  readonly held_until_ms: number | null
}

/** So much of what lies between those that are wanted is looked at for one page, however rare they are. */
const mostBetween = { anyState: 50, oneState: 500 }

const isWanted = ({ state, held_until_ms: until }: Row, wanted: WantedAppointments): boolean => {
  const isOver = state === 'held' && until !== null && until <= wanted.nowMs
  if (state === 'lapsed' || isOver) return false
  return wanted.state === undefined ? state !== 'held' : state === wanted.state
}

/**
 * The ids of the next that are wanted, at most `limit`, and where to go on; undefined: there is nothing behind. Each page looks at a
 * bounded number of rows of one index, so it may be short with more behind it.
 */
export const appointmentsAfter = async (
  db: Queryable,
  after: AppointmentCursor | undefined,
  wanted: WantedAppointments,
  limit: number,
): Promise<{ readonly ids: readonly string[]; readonly upTo: AppointmentCursor | undefined }> => {
  const values: unknown[] = []
  const also = (condition: string, value: unknown): string =>
    value === undefined ? '' : `AND ${condition.replace('?', `$${values.push(value)}`)}`
  const onwards = after
    ? `AND (starts_at_ms, appointment_id) > ($${values.push(after.startsAtMs)}, $${values.push(after.appointmentId)}::uuid)`
    : ''
  const unprotected = wanted.withoutProtected
    ? `AND NOT ${isProtected('appointment.subject', `$${values.push(Math.floor(wanted.nowMs))}`)}`
    : ''
  const most = limit + (wanted.state === undefined ? mostBetween.anyState : mostBetween.oneState)
  const { rows } = await db.query<Row>(
    `SELECT appointment_id, starts_at_ms, state, held_until_ms FROM appointment
     WHERE true ${onwards} ${also('subject = (SELECT standing_subject(?))', wanted.subject)} ${also('place_id = ?', wanted.placeId)}
     ${also('practitioner_no = ?', wanted.practitionerNo)} ${also('starts_at_ms >= ?', wanted.fromMs)}
     ${also('starts_at_ms < ?', wanted.toMs)} ${unprotected} ORDER BY starts_at_ms, appointment_id LIMIT $${values.push(most)}`,
    values,
  )
  const found = rows.filter((row) => isWanted(row, wanted)).slice(0, limit)
  const last = found.length === limit ? found.at(-1) : rows.length === most ? rows.at(-1) : undefined
  return {
    ids: found.map((row) => row.appointment_id),
    upTo: last && { startsAtMs: last.starts_at_ms, appointmentId: last.appointment_id },
  }
}
