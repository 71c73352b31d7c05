import type { Transaction } from '@unefois/chassis/postgres'
import type { AppointmentsContext } from '../context.js'
import { claimSlot, type WantedMeeting } from './claim-slot.js'

/** Somebody is in between: to whom it is taken, or perhaps will be. */
const isLockTimeout = (error: unknown): boolean => (error as { code?: string }).code === '55P03'

/**
 * Claims what a meeting needs, or nothing at all where that would mean to wait for another transaction: whoever holds a lock that
 * others want before they are done with their own claims must not wait for these claims.
 */
export const claimAtOnce = async (
  tx: Transaction,
  needs: Pick<AppointmentsContext, 'claims' | 'runtime'>,
  wanted: WantedMeeting,
): Promise<'claimed' | 'taken'> => {
  await tx.query(`SAVEPOINT claim_at_once; SET LOCAL lock_timeout = '10ms'`)
  try {
    const claimed = await claimSlot(tx, needs, wanted)
    await tx.query('SET LOCAL lock_timeout TO DEFAULT; RELEASE SAVEPOINT claim_at_once')
    return claimed
  } catch (error) {
    if (!isLockTimeout(error)) throw error
    await tx.query('ROLLBACK TO SAVEPOINT claim_at_once; RELEASE SAVEPOINT claim_at_once')
    return 'taken'
  }
}
