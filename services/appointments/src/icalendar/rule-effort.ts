/** Candidates that the rules of one calendar may make together, within a window of a year. */
const mostCandidates = 15_000
/** A rule is given little first: most come once a week or less, and what it used of more is not known. */
const allowances = [64, 400, 2000]

/** Says of a rule that was cut off that it needs more. */
const isLimit = (error: unknown): boolean =>
  error instanceof Error && /^Maximum (?:iterations|candidate evaluations) /.test(error.message)

/** What expanding the rules of one calendar costs, counted, so that no calendar takes the time of everybody else's calls. */
export class RuleEffort {
  #left = mostCandidates

  /** Expands one rule. Throws a RangeError where it takes more than is left, or than any rule of somebody's calendar. */
  spend<T>(expand: (most: number) => T): T {
    for (const most of allowances) {
      this.#left -= most
      if (this.#left < 0) break
      try {
        return expand(most)
      } catch (error) {
        if (!isLimit(error)) throw error
      }
    }
    throw new RangeError('too much')
  }
}
