import type { Transaction } from '@unefois/chassis/postgres'

const isLockTimeout = (error: unknown): boolean => (error as { code?: string }).code === '55P03'

/**
 * Runs a part of a transaction in which no statement waits longer for a lock than that. Undefined where one would have: the part is
 * undone, with the locks that it took, and the transaction goes on as if it had not been tried.
 */
export const withLockLimit = async <T>(
  tx: Transaction,
  longestMs: number,
  work: () => Promise<T>,
): Promise<T | undefined> => {
  // One round trip for the three; one part may stand within another, whose limit is its own again afterwards.
  const [before] = (await tx.query<{ limit: string }>(
    `SELECT current_setting('lock_timeout') AS limit; SAVEPOINT lock_limit; SET LOCAL lock_timeout = ${longestMs}`,
  )) as unknown as [{ readonly rows: readonly { readonly limit: string }[] }]
  try {
    const done = await work()
    await tx.query(`SET LOCAL lock_timeout = '${before.rows[0]?.limit ?? '0'}'; RELEASE SAVEPOINT lock_limit`)
    return done
  } catch (error) {
    if (!isLockTimeout(error)) throw error
    await tx.query('ROLLBACK TO SAVEPOINT lock_limit; RELEASE SAVEPOINT lock_limit')
    return undefined
  }
}
