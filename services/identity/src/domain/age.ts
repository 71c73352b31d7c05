const latest = (part: string | undefined, last: string): string => (part === undefined || part === '00' ? last : part)

/**
 * Whether somebody has surely reached an age, in years, on a day (YYYY-MM-DD, where the person's law counts days). A birthdate
 * with parts that are not known (YYYY-MM-00, YYYY-00-00) counts as the latest that it can be.
 */
export const hasReachedAge = (birthdate: string, years: number, today: string): boolean => {
  const [year = '', month, day] = birthdate.split('-')
  const birthday = `${String(Number(year) + years).padStart(4, '0')}-${latest(month, '12')}-${latest(day, '31')}`
  return birthday <= today
}
