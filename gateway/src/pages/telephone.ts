/** By the first digits of a national number, where it is: the French numbering plan (ARCEP, decision 2018-0881). */
const overseas: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/^0(262|263|269|639|69[23])/, '262'],
  [/^0(590|69[01])/, '590'],
  [/^0(594|694)/, '594'],
  [/^0(596|69[67])/, '596'],
]

/** A number as people write it, as +33612345678; undefined for what is none. */
export const telephoneIn = (text: string): string | undefined => {
  const digits = text.replace(/[\s.\-()\u00a0\u202f]/g, '').replace(/^00/, '+')
  if (/^\+[1-9][0-9]{6,14}$/.test(digits)) return digits
  if (!/^0[1-9][0-9]{8}$/.test(digits)) return undefined
  const code = overseas.find(([pattern]) => pattern.test(digits))?.[1] ?? '33'
  return `+${code}${digits.slice(1)}`
}
