import type { Text } from '@unefois/proto/gen/unefois/eligibility/v1/rules'

/** How texts of a calendar look; who publishes is told by these words. */
export const idWords = 'has 1 to 64 of a-z, 0-9 and "-"'
export const isId = (text: string): boolean => /^[a-z0-9-]{1,64}$/.test(text)

const longest = 200
const longestText = 1000

export const lineWords = `has at most ${longest} characters`
export const isLine = (text: string): boolean => text.length <= longest

export const namedWords = `is there, in at most ${longest} characters`
export const isNamed = (text: string): boolean => text.trim() !== '' && text.length <= longest

export const titleWords = `is there in "fr" and "en", in at most ${longest} characters each`
export const isTitle = (text: Text | undefined): boolean => text !== undefined && isNamed(text.fr) && isNamed(text.en)

export const textWords = `has at most ${longestText} characters in each language`
export const isText = (text: Text | undefined): boolean =>
  text === undefined || (text.fr.length <= longestText && text.en.length <= longestText)

/** A tag of BCP 47. */
export const isLanguage = (tag: string): boolean => /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(tag) && tag.length <= 35

export const isCount = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most

/** Whether all are numbers of a closed list, which counts from 1, and none stands there twice. */
export const areOf = (values: readonly number[], most: number): boolean =>
  values.every((value) => isCount(value, 1, most)) && new Set(values).size === values.length
