import type { FactAskedFor, FactValue, RuleRelease, Table } from '../domain/release.js'

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32, public domain). */
export const chanceOf = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const largestHousehold = 12
const money = /^€/

/** The highest amount of each unit that a table speaks of: far above it nothing changes any more. */
const reachOf = (tables: readonly Table[], unit: string): number =>
  Math.max(0, ...tables.filter((table) => table.unit === unit).flatMap(({ rows }) => rows.map(([, amount]) => amount)))

const drawn = (asked: FactAskedFor, tables: readonly Table[], chance: () => number): FactValue => {
  if (asked.kind === 'yes-no') return chance() < 0.5
  if (asked.kind === 'choice') {
    const choices = Object.keys(asked.choices)
    return choices[Math.floor(chance() * choices.length)] ?? ''
  }
  const { unit, minimum, maximum, decimals } = asked
  const reach = reachOf(tables, unit)
  const usual = money.test(unit) ? (reach > 0 ? reach * 1.5 : 3000) : unit === 'an' ? 100 : largestHousehold
  const most = Math.min(maximum, Math.max(minimum, usual))
  const scale = 10 ** decimals
  return Math.min(maximum, Math.round((minimum + chance() * (most - minimum)) * scale) / scale)
}

/**
 * One invented person: a value for each fact of both releases, within the bounds of both. Evenly spread, so the shares that come
 * out are of this sample and of no country.
 */
export const person = (releases: readonly RuleRelease[], chance: () => number): ReadonlyMap<string, FactValue> => {
  const tables = releases.flatMap((release) => Object.values(release.tables))
  const facts = new Map<string, FactAskedFor>(releases.flatMap((release) => Object.entries(release.facts)))
  return new Map([...facts].map(([name, asked]) => [name, drawn(asked, tables, chance)]))
}
