import type { WaitingNeeds } from './needs.js'
import { noBound, serveTypes } from './waiting.js'

type Needs = WaitingNeeds

/** So many slots are given in one transaction, which keeps everybody else off the list. */
const mostGiven = 20

/** Serves in turn until nothing more is to be given. */
const serve = async (needs: Needs): Promise<void> => {
  const { runtime, waiting } = needs
  const { serviceTypeIds, untilMs } = await waiting.wanted()
  for (;;) {
    const given = await runtime.postgres.transaction(async (tx) => {
      await waiting.lockList(tx)
      const events = await serveTypes(needs, tx, { serviceTypeIds, untilMs, bound: { ...noBound, given: mostGiven } })
      if (events.length > 0) await runtime.outbox.add(tx, events)
      return events.length
    })
    runtime.outbox.wake()
    if (given < mostGiven) return
  }
}

/** Gives the slots of offers that nobody answered to who waits next; replicas may do so at the same time. */
export const endOffers = async (needs: Needs): Promise<void> => {
  if (await needs.waiting.isAnyOver(needs.runtime.clock.nowMs())) await serve(needs)
}

/**
 * Gives what became free by itself: by a calendar that was published, by the next day of the horizon, by kept slots that are there
 * for everybody now, by holds that ended.
 */
export const serveWaiting = async (needs: Needs): Promise<void> => {
  const { serviceTypeIds } = await needs.waiting.wanted()
  if (serviceTypeIds.length > 0) await serve(needs)
}

/** Ends the waiting for days that have passed, and deletes what no retention covers. */
export const forgetWaiting = async ({ runtime, waiting }: Pick<Needs, 'runtime' | 'waiting'>): Promise<void> => {
  await runtime.postgres.transaction(async (tx) => {
    await waiting.lockList(tx)
    await waiting.endPassed(tx, runtime.clock.nowMs())
  })
  await waiting.deleteEnded(runtime.clock.nowMs())
}

/** What recurs for the waiting list. */
export const waitingChores = (needs: Needs) => [
  { everyMs: 10_000, run: () => endOffers(needs) },
  { everyMs: 30_000, run: () => serveWaiting(needs) },
  { everyMs: 600_000, run: () => forgetWaiting(needs) },
]
