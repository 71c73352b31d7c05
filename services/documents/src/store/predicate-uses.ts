import type { Transaction } from '@unefois/chassis/postgres'

/** The day (UTC) of a moment, YYYY-MM-DD. */
export const dayOf = (nowMs: number): string => new Date(nowMs).toISOString().slice(0, 10)

/** Answers to predicates about one person, for one requester, on one day (UTC). */
export interface PredicateUse {
  readonly subject: string
  readonly requester: string
  readonly predicates: readonly string[]
  /** YYYY-MM-DD. */
  readonly day: string
  readonly mostPerDay: number
}

interface Count {
  readonly subject: string
  readonly requester: string
  readonly predicate: string
  readonly day: string
  uses: number
}

const keyOf = (count: Omit<Count, 'uses'>): string =>
  [count.subject, count.requester, count.predicate, count.day].join('\n')

const countsOf = (use: PredicateUse): Omit<Count, 'uses'>[] =>
  use.predicates.map((predicate) => ({ subject: use.subject, requester: use.requester, predicate, day: use.day }))

const raise = (counters: Map<string, number>, key: string): number => {
  const raised = (counters.get(key) ?? 0) + 1
  counters.set(key, raised)
  return raised
}

/** Counts the uses of a batch, in their order; answers for each whether it is beyond its limit. Such a use counts too. */
export const countPredicateUses = async (
  tx: Transaction,
  uses: readonly (PredicateUse | undefined)[],
): Promise<boolean[]> => {
  const counts = new Map<string, Count>()
  for (const each of uses.flatMap((use) => (use ? countsOf(use) : []))) {
    const count = counts.get(keyOf(each)) ?? { ...each, uses: 0 }
    count.uses += 1
    counts.set(keyOf(each), count)
  }
  if (counts.size === 0) return uses.map(() => false)
  // Sorted, so that two replicas lock the same rows in the same order.
  const sorted = [...counts.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const { rows } = await tx.query<Count & { readonly standing: string; readonly before: number }>(
    `WITH asked AS MATERIALIZED (
       SELECT hold_subject(subject) AS standing, one.*
       FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::int[])
         AS one (subject, requester, predicate, day, uses)),
     counted AS (
       INSERT INTO predicate_use (subject, requester, predicate, day, uses)
       SELECT standing, requester, predicate, day, sum(uses) FROM asked GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
       ON CONFLICT (subject, requester, predicate, day) DO UPDATE SET uses = predicate_use.uses + EXCLUDED.uses
       RETURNING *)
     SELECT asked.subject, standing, requester, predicate, day::text AS day, asked.uses,
            counted.uses - sum(asked.uses) OVER (PARTITION BY standing, requester, predicate, day) AS before
     FROM asked JOIN counted USING (requester, predicate, day) WHERE counted.subject = standing`,
    [
      sorted.map((count) => count.subject),
      sorted.map((count) => count.requester),
      sorted.map((count) => count.predicate),
      sorted.map((count) => count.day),
      sorted.map((count) => count.uses),
    ],
  )
  const standing = new Map(rows.map((row) => [row.subject, row.standing]))
  const standingKeyOf = (each: Omit<Count, 'uses'>): string =>
    keyOf({ ...each, subject: standing.get(each.subject) ?? each.subject })
  // What stood before this batch, then one more for each use in turn: the first are answered as if they had come alone.
  const soFar = new Map(rows.map((row) => [standingKeyOf(row), row.before]))
  return uses.map((use) => {
    const reached = use ? countsOf(use).map((each) => raise(soFar, standingKeyOf(each))) : []
    return use !== undefined && reached.some((times) => times > use.mostPerDay)
  })
}
