import type { Queryable, Transaction } from '@unefois/chassis/postgres'

interface Place {
  readonly subject: string
  readonly evidenceType: string
}

/** The newest version declared; 0 when there is none. */
export const newestDeclared = async (db: Queryable, { subject, evidenceType }: Place): Promise<number> => {
  const { rows } = await db.query<{ newest: number }>(
    `SELECT COALESCE(max(version), 0) AS newest FROM evidence
     WHERE subject = (SELECT standing_subject($1)) AND evidence_type = $2`,
    [subject, evidenceType],
  )
  return rows[0]?.newest ?? 0
}

/** The evidence types of which something was declared about this person. */
export const declaredTypes = async (db: Queryable, subject: string): Promise<string[]> => {
  const { rows } = await db.query<{ evidence_type: string }>(
    'SELECT DISTINCT evidence_type FROM evidence WHERE subject = (SELECT standing_subject($1)) ORDER BY evidence_type',
    [subject],
  )
  return rows.map((row) => row.evidence_type)
}

/**
 * Withdraws the newest version: a version without content follows it, which no key opens and which reads as absent. Answers
 * that version; undefined when another one came first.
 */
export const withdrawDeclared = async (
  tx: Transaction,
  { subject, evidenceType }: Place,
  newest: number,
  nowMs: number,
): Promise<number | undefined> => {
  const { rowCount } = await tx.query(
    `INSERT INTO evidence (subject, evidence_type, version, as_of_ms, declared_at_ms, content)
     VALUES (hold_subject($1), $2, $3, $4, $4, ''::bytea) ON CONFLICT DO NOTHING`,
    [subject, evidenceType, newest + 1, nowMs],
  )
  return rowCount === 1 ? newest + 1 : undefined
}
