import type { Deadline } from '@unefois/chassis/deadline'
import type { ConsentAuthorityContext } from './context.js'
import { expectedInForceAtMs, inForceAtMs } from './domain/in-force.js'
import { readWithdrawals } from './store/withdrawals.js'

type Needs = Pick<ConsentAuthorityContext, 'clock' | 'postgres' | 'wakes'>

const longestWaitMs = 900
/** Kept back from the deadline for the way home. */
const replyMs = 100

/**
 * When a withdrawal came into force, waiting a moment for the confirmations that are under way; undefined when that moment
 * was not enough. Looks once more at the end, for what another replica has committed. Milliseconds since the epoch.
 */
export const untilInForce = async (
  { clock, postgres, wakes }: Needs,
  consentId: string,
  deadline: Deadline,
): Promise<number | undefined> => {
  const endMs = clock.monotonicMs() + Math.min(longestWaitMs, deadline.remainingMs() - replyMs)
  for (;;) {
    const wake = wakes.listen()
    try {
      const withdrawal = (await readWithdrawals(postgres, [consentId])).get(consentId)
      if (!withdrawal) return undefined
      const { recordedAtMs, providers } = withdrawal
      const nowMs = clock.nowMs()
      const atMs = inForceAtMs(recordedAtMs, providers, nowMs)
      const leftMs = endMs - clock.monotonicMs()
      if (atMs !== undefined || leftMs <= 0) return atMs
      await wake.within(Math.min(leftMs, expectedInForceAtMs(recordedAtMs, providers) - nowMs))
    } finally {
      wake.stop()
    }
  }
}
