import { type Span, united } from './slots.js'

/**
 * When a callback is due: once so many milliseconds of the openings have passed since it was asked for. Where the openings that are
 * known last less, the end of the last one, with `isWhole` false; undefined where nothing is open from then on.
 */
export const callbackDue = (
  openings: readonly Span[],
  requestedAtMs: number,
  workingMs: number,
): { readonly dueAtMs: number; readonly isWhole: boolean } | undefined => {
  // What two agents are there for is counted once.
  const ahead = united(openings).filter(({ endsAtMs }) => endsAtMs > requestedAtMs)
  let leftMs = workingMs
  for (const { startsAtMs, endsAtMs } of ahead) {
    const fromMs = Math.max(startsAtMs, requestedAtMs)
    if (endsAtMs - fromMs >= leftMs) return { dueAtMs: fromMs + leftMs, isWhole: true }
    leftMs -= endsAtMs - fromMs
  }
  const last = ahead.at(-1)
  return last && { dueAtMs: last.endsAtMs, isWhole: false }
}
