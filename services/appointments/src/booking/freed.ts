import type { OutgoingEvent } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import type { AppointmentsContext } from '../context.js'
import type { KeptAppointment } from '../domain/appointment.js'
import type { Span } from '../domain/slots.js'
import { refreshFullness, type Touched } from '../search/fullness.js'
import type { KeptClaim } from '../store/claims.js'

/** A time of a schedule that nobody has any more. */
export interface Freed {
  readonly scheduleNo: number
  readonly serviceTypeIds: readonly string[]
  readonly span: Span
}

/**
 * Gives what became free to whoever waits for it, in the transaction that frees it. It waits for nobody's claims, and
 * the caller adds the events that it answers together with its own, or two transactions could wait for each other.
 */
export type AfterFreed = (tx: Transaction, freed: Freed) => Promise<readonly OutgoingEvent[]>

type Needs = Pick<AppointmentsContext, 'openings' | 'book' | 'waiting' | 'afterFreed'>

/** What claims took of their resources, for `refreshFullness`. */
export const touchedBy = (claims: readonly KeptClaim[]): readonly Touched[] =>
  claims.map(({ resourceNo, startsAtMs, endsAtMs }) => ({ resourceNos: [resourceNo], span: { startsAtMs, endsAtMs } }))

/**
 * After claims of these appointments were released, whose former times are given: first the openings, then who waits. Answers events
 * to be added.
 */
export const afterReleased = async (
  tx: Transaction,
  needs: Needs,
  appointments: readonly KeptAppointment[],
  claims: readonly KeptClaim[],
): Promise<readonly OutgoingEvent[]> => {
  if (claims.length === 0) return []
  const calendar = await needs.book.current(tx)
  // Whoever serves the list has it before they come to an opening.
  await needs.waiting.lockIfAnybody(tx)
  // Who waits finds only what is not said to be full.
  await refreshFullness(tx, needs, touchedBy(claims))
  const events: OutgoingEvent[] = []
  for (const { appointmentId, scheduleNo, startsAtMs, endsAtMs } of appointments) {
    const known = calendar.schedulesByNo.get(scheduleNo)
    const hadClaims = claims.some(({ holderId }) => holderId === appointmentId)
    if (!known || !hadClaims) continue
    const freed = { scheduleNo, serviceTypeIds: known.schedule.serviceTypeIds, span: { startsAtMs, endsAtMs } }
    events.push(...(await needs.afterFreed(tx, freed)))
  }
  return events
}
