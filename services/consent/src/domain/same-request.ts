/** What a requester asks a person for, apart from ticket and basis, which are fresh in each attempt. */
interface Wish {
  readonly subject: string
  readonly purpose: string
  readonly providers: readonly string[]
  readonly evidenceTypes: readonly string[]
  readonly durationDays: number
  readonly returnUrl: string
}

const contentOf = (wish: Wish): string =>
  JSON.stringify([
    wish.subject,
    wish.purpose,
    [...wish.providers].sort(),
    [...wish.evidenceTypes].sort(),
    wish.durationDays,
    wish.returnUrl,
  ])

/** Whether a repeated push asks the same person for the same. */
export const isSameRequest = (stored: Wish, repeated: Wish): boolean => contentOf(stored) === contentOf(repeated)
