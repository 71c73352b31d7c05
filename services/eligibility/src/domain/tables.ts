import type { Table } from './release.js'

/** The amount of a table at a whole number; undefined below its first row. */
export const lookUp = ({ rows, further }: Table, at: number): number | undefined => {
  const first = rows[0]
  const last = rows.at(-1)
  if (!first || !last || at < first[0]) return undefined
  if (at >= last[0]) return last[1] + (at - last[0]) * (further ?? 0)
  return rows.filter(([from]) => from <= at).at(-1)?.[1]
}
