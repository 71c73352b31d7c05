import type { Reason } from '@unefois/proto/reasons'

const hourMs = 3600 * 1000
const dayMs = 24 * hourMs

/** A protection order lasts twelve months at most (Code civil, article 515-12); what goes on longer is recorded again. */
const longestDays = 366

/** When a last day, YYYY-MM-DD, has ended everywhere on earth (UTC−12): too long by hours rather than too short. */
export const endOf = (until: string): number => Date.parse(until) + dayMs + 12 * hourMs

/** REQUEST_INVALID for a last day that is over, or further ahead than any decision lasts. */
export const untilRefusal = (until: string, nowMs: number): Reason | undefined => {
  const endsAtMs = endOf(until)
  return endsAtMs > nowMs && endsAtMs <= nowMs + longestDays * dayMs + 2 * dayMs ? undefined : 'REQUEST_INVALID'
}

/** The lowest login with which a protected person sees their own data; a shared or guessed account does not reach it. */
export const ownViewAcr = 'eidas2'
const strongEnough: readonly string[] = [ownViewAcr, 'eidas3']

/** ASSURANCE_TOO_LOW where data of a protected person would be shown to whoever holds a weaker login of theirs. */
export const ownViewRefusal = (isProtected: 'protected' | 'not protected', acr: string): Reason | undefined =>
  isProtected === 'protected' && !strongEnough.includes(acr) ? 'ASSURANCE_TOO_LOW' : undefined
