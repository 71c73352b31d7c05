/** After so long without one delivery that came through, a webhook is disabled until its client resumes it; three days. */
export const longestFailingMs = 3 * 86_400_000
/** A secret that was replaced goes on signing for so long; 24 hours. */
export const secretOverlapMs = 86_400_000

const shortestPauseMs = 1000
const longestPauseMs = 3_600_000

/** How long to wait after so many attempts in a row that failed: a second, then twice as long each time, an hour at most. */
export const pauseAfterMs = (attempts: number): number =>
  Math.min(longestPauseMs, shortestPauseMs * 2 ** Math.min(Math.max(0, attempts - 1), 20))

export type Disabled = 'failing' | 'gone' | 'position-too-old' | 'address-not-allowed'

/** What one attempt came to. */
export type Attempt =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly failure: string; readonly isGone: boolean }

/** Why a webhook is disabled after an attempt that failed; undefined while it is tried again. */
export const disabledBy = (
  { isGone }: Extract<Attempt, { kind: 'failed' }>,
  failingSinceMs: number,
  nowMs: number,
): Disabled | undefined => {
  if (isGone) return 'gone'
  return nowMs - failingSinceMs >= longestFailingMs ? 'failing' : undefined
}
