import type { AppointmentNeeds } from '../appointment/needs.js'
import type { AppointmentsContext } from '../context.js'

/** What giving slots to who waits works with; before the context is whole. */
export type ServingNeeds = Pick<
  AppointmentsContext,
  'runtime' | 'book' | 'openings' | 'fullOpenings' | 'claims' | 'appointments' | 'waiting'
>

/** What the RPCs and chores of the waiting list work with. */
export type WaitingNeeds = AppointmentNeeds & Pick<AppointmentsContext, 'waiting' | 'fullOpenings'>
