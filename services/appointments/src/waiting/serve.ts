import type { OutgoingEvent } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import type { KeptWaiting } from '../domain/waiting.js'
import { giveSlot } from './gift.js'
import type { ServingNeeds } from './needs.js'
import { type Bound, type FreeSlot, FreeSlots, type SearchedSlots } from './slots.js'

const atOnce = 100

/** Gives somebody the first free slot that fits them and that nobody is taking just now. Answers the event, if there is one. */
const serve = async (
  needs: ServingNeeds,
  tx: Transaction,
  free: FreeSlots,
  kept: KeptWaiting,
): Promise<OutgoingEvent | undefined> => {
  const tried = new Set<FreeSlot>()
  for (;;) {
    const slot = await free.firstFor(kept, tried)
    if (!slot) return undefined
    const event = await giveSlot(needs, tx, kept, slot)
    if (event) {
      free.forget()
      return event
    }
    tried.add(slot)
  }
}

/**
 * Goes through the list from who has waited longest, and gives each the first free slot that fits them, as far as it is bound.
 * Answers the events to be added. The transaction has locked the list.
 */
export const serveInOrder = async (
  needs: ServingNeeds,
  tx: Transaction,
  searched: SearchedSlots,
  bound: Bound,
): Promise<OutgoingEvent[]> => {
  const free = new FreeSlots(needs, tx, searched, bound)
  const turn = { serviceTypeIds: [...searched.types.keys()], span: searched.span }
  const events: OutgoingEvent[] = []
  let after = 0
  for (;;) {
    const batch = await needs.waiting.next(tx, { ...turn, after }, atOnce)
    for (const kept of batch) {
      const event = await serve(needs, tx, free, kept)
      if (event && events.push(event) >= bound.given) return events
      // Whoever comes next would get what was not looked at for this one.
      if (free.isSpent) return events
    }
    const last = batch.at(-1)
    if (!last || batch.length < atOnce) return events
    after = last.position
  }
}
