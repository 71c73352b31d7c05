/** The two clocks of a process; injected everywhere, so that tests move time and production cannot. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  nowMs(): number
  /** Monotonic clock, milliseconds from an arbitrary start; for deadlines and leases. */
  monotonicMs(): number
}

/** The clocks of this machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

/** The wall clock in whole seconds, as JWT claims count (RFC 7519 NumericDate). */
export const nowSeconds = (clock: Clock): number => Math.floor(clock.nowMs() / 1000)

/** The day that it is for French law, YYYY-MM-DD. */
export const parisDay = (clock: Clock): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' }).format(clock.nowMs())
