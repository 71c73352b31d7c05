import type { Transaction } from '@unefois/chassis/postgres'
import type { AppointmentsContext } from '../context.js'
import type { KnownSchedule } from '../domain/calendar.js'
import type { KeptOpening } from '../store/openings.js'

/** What the RPCs and chores of walk-ins work with. */
export type WalkInNeeds = Pick<
  AppointmentsContext,
  'runtime' | 'book' | 'openings' | 'claims' | 'tickets' | 'waiting' | 'afterFreed' | 'protectedSubjects'
>

/** The openings of these schedules that are under way. */
export const openNow = (
  { openings }: Pick<WalkInNeeds, 'openings'>,
  tx: Transaction,
  schedules: readonly KnownSchedule[],
  nowMs: number,
): Promise<KeptOpening[]> =>
  openings.meeting(
    schedules.map(({ no }) => no),
    { startsAtMs: nowMs, endsAtMs: nowMs + 1 },
    tx,
  )
