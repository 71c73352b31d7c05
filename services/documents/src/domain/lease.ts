/**
 * A provider's lease on the consent state. It counts on this process' monotonic clock from the moment its nonce was drawn,
 * and is renewed only once everything up to the required position has been applied.
 */
export interface LeaseAsk {
  readonly nonce: string
  readonly askedAtMs: number
}

export interface LeaseAnswer {
  readonly nonce: string
  readonly requiredPosition: number
  readonly leaseMs: number
}

/**
 * How long before its end a lease no longer counts. The lease is looked at directly before COMMIT; a transaction that then
 * waits longer than `longestIdleMs` is ended by the database, and the rest of the margin is the COMMIT's own. So a release
 * checked within the lease cannot commit after it, even when its process was stopped in between.
 */
export const commitMarginMs = 2000
export const longestIdleMs = 1000

export class Lease {
  #endsAtMs = Number.NEGATIVE_INFINITY

  /** Whether a transaction that starts to commit now is certain to commit within the lease. */
  isHeld(monotonicMs: number): boolean {
    return monotonicMs + commitMarginMs < this.#endsAtMs
  }

  /** Takes an answer; false when it is for another ask, or when events are still to be applied. */
  renew(ask: LeaseAsk, answer: LeaseAnswer, appliedPosition: number): boolean {
    if (answer.nonce !== ask.nonce || appliedPosition < answer.requiredPosition) return false
    this.#endsAtMs = Math.max(this.#endsAtMs, ask.askedAtMs + answer.leaseMs)
    return true
  }
}
