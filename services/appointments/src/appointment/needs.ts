import type { AppointmentsContext } from '../context.js'

/** What reading appointments works with. */
export type AppointmentReading = Pick<
  AppointmentsContext,
  'runtime' | 'book' | 'appointments' | 'subjects' | 'protectedSubjects'
>

/** What booking, moving and cancelling work with. */
export type AppointmentNeeds = AppointmentReading &
  Pick<AppointmentsContext, 'openings' | 'claims' | 'waiting' | 'bookingLinks' | 'hubCheck' | 'tellHub' | 'afterFreed'>
