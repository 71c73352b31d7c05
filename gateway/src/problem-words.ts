/** What a refusal is called, and what its reader can do next. */
export interface ProblemWords {
  readonly title: string
  readonly next: string
}

export const words = (title: string, next: string): ProblemWords => ({ title, next })
