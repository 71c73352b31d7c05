import { HubRefusal } from './hub-refusal.js'

export type HubQuery = Readonly<Record<string, string | readonly string[] | undefined>>

const invalid = (name: string): HubRefusal => new HubRefusal(400, `Invalid ${name} param`)

/** A parameter that stands once. Error: HubRefusal. */
export const one = (query: HubQuery, name: string): string => {
  const value = query[name]
  if (typeof value !== 'string' || value === '') throw invalid(name)
  return value
}

/** A parameter that stands once or several times, without brackets; each value once. Error: HubRefusal for none, or for too many. */
export const many = (query: HubQuery, name: string, most: number): string[] => {
  const value = query[name]
  const all = value === undefined ? [] : typeof value === 'string' ? [value] : value
  const values = [...new Set(all)]
  if (values.length === 0 || values.includes('') || values.length > most) throw invalid(name)
  return values
}

/** A day, YYYY-MM-DD, that exists. Error: HubRefusal. */
export const day = (query: HubQuery, name: string): string => {
  const value = one(query, name)
  const exists =
    /^\d{4}-\d{2}-\d{2}$/.test(value) &&
    !Number.isNaN(Date.parse(value)) &&
    new Date(value).toISOString().startsWith(value)
  if (!exists) throw invalid(name)
  return value
}

/** A whole number from 1 on; 1 where it is left out. Error: HubRefusal. */
export const count = (query: HubQuery, name: string): number => {
  if (query[name] === undefined) return 1
  const value = one(query, name)
  if (!/^[1-9]\d{0,3}$/.test(value)) throw invalid(name)
  return Number(value)
}

/** One of some words. Error: HubRefusal. */
export const among = <W extends string>(query: HubQuery, name: string, words: readonly W[]): W => {
  const found = words.find((word) => word === query[name])
  if (found === undefined) throw invalid(name)
  return found
}
