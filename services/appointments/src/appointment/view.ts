import type { Queryable } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import type { Appointment } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { KeptAppointment } from '../domain/appointment.js'
import { shownToPerson, wholeAppointment, withoutWhere, withoutWhereOrReach } from '../domain/appointment-view.js'
import type { Calendar } from '../domain/calendar.js'
import type { AppointmentReading } from './needs.js'

/** The scope of a system that may know where protected persons will be. */
export const protectScope = 'people:protect'

/** Whether a caller is the gateway for somebody who shows a secret, and who that is nobody knows. */
const hasSecretAlone = ({ caller }: Pick<Call, 'caller'>): boolean => caller.kind === 'neighbour'

/** Whether where protected persons will be is withheld from a caller; a person sees their own by a login that suffices. */
export const isWhereWithheld = (call: Pick<Call, 'caller'>): boolean =>
  hasSecretAlone(call) || (call.caller.kind === 'system' && !call.caller.scopes.includes(protectScope))

/** An appointment as its reader sees it, where nobody needs to be protected from them. */
export const appointmentView = (
  calendar: Calendar,
  kept: KeptAppointment,
  { caller }: Pick<Call, 'caller'>,
): Appointment => {
  const whole = wholeAppointment(calendar, kept)
  return caller.kind === 'system' ? whole : shownToPerson(whole, calendar)
}

/**
 * Appointments as their reader sees them: neither a system without the scope nor whoever has a secret alone learns where a protected
 * person will be.
 */
export const appointmentViews = async (
  { book, protectedSubjects, runtime }: Pick<AppointmentReading, 'book' | 'protectedSubjects' | 'runtime'>,
  kept: readonly KeptAppointment[],
  call: Pick<Call, 'caller'>,
  db?: Queryable,
): Promise<Appointment[]> => {
  const calendar = await book.current(db)
  const subjects = isWhereWithheld(call) ? kept.map(({ subject }) => subject) : []
  const hidden = await protectedSubjects.among(subjects, runtime.clock.nowMs(), db)
  return kept.map((each) => {
    const view = appointmentView(calendar, each, call)
    if (!hidden.has(each.subject)) return view
    return hasSecretAlone(call) ? withoutWhereOrReach(view) : withoutWhere(view)
  })
}
