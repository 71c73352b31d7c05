import { randomUUID } from 'node:crypto'
import type { Transaction } from '@unefois/chassis/postgres'
import type { AppointmentsContext } from '../context.js'
import { claimsOf } from '../domain/meeting.js'
import { withLockLimit } from '../store/lock-limit.js'
import type { WantedMeeting } from './claim-slot.js'

// Somebody is in between, to whom it is taken, or perhaps will be.
const longestMs = 10

/**
 * Claims what a meeting needs for who waits for it, or nothing at all where that would mean to wait for another transaction: whoever
 * holds a lock that others want before they are done with their own claims must not wait for these claims.
 */
export const claimAtOnce = async (
  tx: Transaction,
  { claims, runtime }: Pick<AppointmentsContext, 'claims' | 'runtime'>,
  { meeting, holder }: WantedMeeting,
): Promise<'claimed' | 'taken'> => {
  const wanted = claimsOf(meeting, holder, randomUUID())
  const isClaimed = await withLockLimit(tx, longestMs, () => claims.take(tx, wanted, runtime.clock.nowMs()))
  return isClaimed ? 'claimed' : 'taken'
}
