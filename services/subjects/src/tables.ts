import type { Transaction } from '@unefois/chassis/postgres'

/** Whoever was kept under the first pseudonym is kept under the second. */
export interface SubjectMove {
  readonly alias: string
  readonly subject: string
}

/** A table that keeps people by pseudonym, in a column `subject`. */
export interface SubjectTable {
  readonly name: string
  /** Moves the rows of these aliases; nobody writes any meanwhile. */
  readonly move: (tx: Transaction, moves: readonly SubjectMove[]) => Promise<void>
}

/** The values of `unnest($1::text[], $2::text[]) AS move (alias, subject)`. */
export const moveValues = (moves: readonly SubjectMove[]): [string[], string[]] => [
  moves.map(({ alias }) => alias),
  moves.map(({ subject }) => subject),
]

/** A table of which no two rows can meet: they change their column, and nothing else. */
export const plainTable = (name: string): SubjectTable => ({
  name,
  move: async (tx, moves) => {
    await tx.query(
      `UPDATE ${name} AS kept SET subject = move.subject
       FROM unnest($1::text[], $2::text[]) AS move (alias, subject) WHERE kept.subject = move.alias`,
      moveValues(moves),
    )
  },
})

const unions = {
  min: (one: string, other: string) => `LEAST(${one}, ${other})`,
  max: (one: string, other: string) => `GREATEST(${one}, ${other})`,
  sum: (one: string, other: string) => `${one} + ${other}`,
}

/** A table of which rows can meet, by the columns that are unique together with `subject`: the others become one value. */
export const unitingTable = (
  name: string,
  { key, others }: { readonly key: readonly string[]; readonly others: Readonly<Record<string, keyof typeof unions>> },
): SubjectTable => ({
  name,
  move: async (tx, moves) => {
    const united = Object.entries(others)
    const columns = ['subject', ...key, ...Object.keys(others)].join(', ')
    const gone = key.map((column) => `gone.${column}`)
    await tx.query(
      `WITH move AS (SELECT * FROM unnest($1::text[], $2::text[]) AS move (alias, subject)),
       gone AS (DELETE FROM ${name} AS kept USING move WHERE kept.subject = move.alias RETURNING kept.*)
       INSERT INTO ${name} AS kept (${columns})
       SELECT move.subject, ${[...gone, ...united.map(([column, union]) => `${union}(gone.${column})`)].join(', ')}
       FROM gone JOIN move ON move.alias = gone.subject GROUP BY ${['move.subject', ...gone].join(', ')}
       ON CONFLICT (${['subject', ...key].join(', ')}) DO UPDATE SET ${united
         .map(([column, union]) => `${column} = ${unions[union](`kept.${column}`, `EXCLUDED.${column}`)}`)
         .join(', ')}`,
      moveValues(moves),
    )
  },
})
