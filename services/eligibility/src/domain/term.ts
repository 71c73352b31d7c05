import type { Term } from './procedure.js'

const dayMs = 86_400_000

/** The civil day so many days after one; YYYY-MM-DD. */
export const daysLater = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10)

/**
 * The last day of a term that began with something on a day, which itself does not count; YYYY-MM-DD. A month ends on the day of
 * the same number, and on its last day where it has no such one.
 */
export const dayAfterTerm = (day: string, { count, unit }: Term): string => {
  if (unit !== 'months') return daysLater(day, unit === 'weeks' ? count * 7 : count)
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const lastOfMonth = new Date(Date.UTC(year, month - 1 + count + 1, 0)).getUTCDate()
  return new Date(Date.UTC(year, month - 1 + count, Math.min(date, lastOfMonth))).toISOString().slice(0, 10)
}
