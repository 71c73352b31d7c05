import type { OutgoingEvent } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import type { Calendar, KnownSchedule } from '../domain/calendar.js'
import { withLockLimit } from '../store/lock-limit.js'
import type { ServingNeeds } from './needs.js'
import { serveOpenings } from './waiting.js'

/** What a publication may cost beside itself; what is left then is the chore's, in its turn. */
const bound = { given: 20, looks: 5000 }

/**
 * Who frees a slot has the list before they come to an opening; a publication has openings by now and must not wait for the list as
 * long as it takes, or the two could wait for each other.
 */
const longestLockMs = 100

/**
 * Gives what schedules have opened to who waits for it, in the transaction that opens them, so that nobody finds it before; as much as
 * fits the bound, and where the list is free. Answers the events to be added. The calendar is the one that the transaction wrote.
 */
export const serveOpened = async (
  needs: ServingNeeds,
  tx: Transaction,
  calendar: Calendar,
  schedules: readonly KnownSchedule[],
): Promise<readonly OutgoingEvent[]> => {
  if (schedules.length === 0) return []
  const opened = { calendar, schedules }
  return (await withLockLimit(tx, longestLockMs, () => serveOpenings(needs, tx, opened, bound))) ?? []
}
