/** What searches noticed: openings that looked full. A chore looks again, under locks, and says so in the calendar. */
export class FullOpenings {
  readonly #suspected = new Set<number>()

  /** More than this waits for the next search that comes across it. */
  static readonly most = 10_000

  suspect(openingNo: number): void {
    if (this.#suspected.size < FullOpenings.most) this.#suspected.add(openingNo)
  }

  /** Takes at most so many. */
  take(limit: number): number[] {
    const taken = [...this.#suspected].slice(0, limit)
    for (const each of taken) this.#suspected.delete(each)
    return taken
  }
}
