import type { AppointmentsContext } from '../context.js'

type Needs = Pick<AppointmentsContext, 'runtime' | 'tickets' | 'callbacks'>

const keptMs = 7 * 86_400_000

/** Deletes tickets after a week, and callbacks that no retention covers. */
export const forgetWalkIns = async ({ runtime, tickets, callbacks }: Needs): Promise<void> => {
  await tickets.deleteTakenBefore(runtime.clock.nowMs() - keptMs)
  await callbacks.deleteEnded(runtime.clock.nowMs())
}

/** What recurs for tickets and callbacks. */
export const walkInChores = (needs: Needs) => [{ everyMs: 3_600_000, run: () => forgetWalkIns(needs) }]
