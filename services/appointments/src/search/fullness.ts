import type { Transaction } from '@unefois/chassis/postgres'
import type { AppointmentsContext } from '../context.js'
import { offeredBy, resourceNosOf } from '../domain/calendar.js'
import { isFull } from '../domain/free-slots.js'
import type { Span } from '../domain/slots.js'
import { takenOf } from '../store/taken.js'

/** What of which resources was freed. */
export interface Touched {
  readonly resourceNos: readonly number[]
  readonly span: Span
}

/**
 * After claims went away in this transaction: openings that they kept full are no longer known to be. Where claims were only added it
 * is not needed. It waits for who is just now saying that they are full.
 */
export const refreshFullness = async (
  tx: Transaction,
  { openings }: Pick<AppointmentsContext, 'openings'>,
  touched: readonly Touched[],
): Promise<void> => {
  const spans = touched.flatMap(({ resourceNos, span }) => resourceNos.map((resourceNo) => ({ ...span, resourceNo })))
  if (spans.length === 0) return
  await openings.shareResources(
    tx,
    spans.map(({ resourceNo }) => resourceNo),
  )
  await openings.openAgain(tx, spans)
}

type Looking = Pick<AppointmentsContext, 'runtime' | 'book' | 'openings' | 'fullOpenings'>

const atOnce = 100
const gapMs = 120 * 60_000

/** Says of openings that they are full, where they are by what is committed; nothing of their resources is being freed meanwhile. */
const markFull = async ({ runtime, book, openings }: Looking, tx: Transaction, suspected: readonly number[]) => {
  const locked = await openings.lock(tx, suspected)
  const calendar = await book.current(tx)
  const known = locked.flatMap((opening) => {
    const schedule = calendar.schedulesByNo.get(opening.scheduleNo)
    return schedule ? [{ opening, schedule }] : []
  })
  const resourceNos = known.flatMap(({ schedule }) => resourceNosOf(schedule))
  // Not waiting here is what keeps it from waiting in a circle; what is left is suspected again by the next search.
  if (!(await openings.tryOwnResources(tx, resourceNos))) return
  const spans = known.flatMap(({ opening, schedule }) =>
    resourceNosOf(schedule).map((resourceNo) => ({
      resourceNo,
      startsAtMs: opening.startsAtMs,
      endsAtMs: opening.endsAtMs + gapMs,
    })),
  )
  const taken = await takenOf(tx, spans, runtime.clock.nowMs())
  const full = known.filter(({ opening, schedule }) => isFull(schedule, offeredBy(schedule, calendar), opening, taken))
  await openings.markFull(
    tx,
    full.map(({ opening }) => opening.openingNo),
  )
}

/** Looks again at what searches found full; replicas may do so at the same time. */
export const markSuspected = async (needs: Looking): Promise<void> => {
  for (;;) {
    const suspected = needs.fullOpenings.take(atOnce)
    if (suspected.length === 0) return
    await needs.runtime.postgres.transaction((tx) => markFull(needs, tx, suspected))
  }
}
