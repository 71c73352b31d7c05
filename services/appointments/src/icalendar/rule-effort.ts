import type { Steps } from './steps.js'

/** Candidates that the rules of one calendar may make together, within a window of a year. */
const mostCandidates = 15_000

/** Says of a rule that was cut off that it needs more. */
const isLimit = (error: unknown): boolean =>
  error instanceof Error && /^Maximum (?:iterations|candidate evaluations) /.test(error.message)

/** What expanding the rules of one calendar costs, counted, so that no calendar takes the time of everybody else's calls. */
export class RuleEffort {
  #left = mostCandidates

  /** Expands with at most so many candidates; undefined where it takes more. Throws a RangeError where so many are not left. */
  spend<T>(most: number, expand: (most: number) => T): T | undefined {
    this.#left -= most
    if (this.#left < 0) throw new RangeError('too much')
    try {
      return expand(most)
    } catch (error) {
      if (!isLimit(error)) throw error
      return undefined
    }
  }

  /**
   * Expands a rule whole, with little first where it is given more after that, because what it used is not known; undefined where it takes
   * more than all of these. Throws a RangeError where it is more than is left.
   */
  *spendOnWhole<T>(allowances: readonly number[], expand: (most: number) => T): Steps<T | undefined> {
    for (const most of allowances) {
      const found = this.spend(most, expand)
      yield
      if (found !== undefined) return found
    }
    return undefined
  }
}
