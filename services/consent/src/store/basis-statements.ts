import type { Queryable, Transaction } from '@unefois/chassis/postgres'

/** What one exchange in explicit-request or proactive mode rests on. */
export interface BasisStatement {
  readonly basisId: string
  readonly mode: 'explicit-request' | 'proactive'
  readonly subject: string
  readonly provider: string
  readonly purpose: string
  readonly evidenceTypes: readonly string[]
  readonly madeAtMs: number
  /** A compact JWS of this member. */
  readonly statement: string
}

interface Row {
  readonly basis_id: string
  readonly mode: BasisStatement['mode']
  readonly subject: string
  readonly provider: string
  readonly purpose: string
  readonly evidence_types: string[]
  readonly made_at_ms: number
  readonly statement: string
}

export const insertBasisStatement = async (tx: Transaction, made: BasisStatement): Promise<void> => {
  await tx.query(
    `INSERT INTO basis_statement (basis_id, mode, subject, provider, purpose, evidence_types, made_at_ms, statement)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      made.basisId,
      made.mode,
      made.subject,
      made.provider,
      made.purpose,
      made.evidenceTypes,
      made.madeAtMs,
      made.statement,
    ],
  )
}

/** The statement under a basis id; undefined when there is none. */
export const readBasisStatement = async (db: Queryable, basisId: string): Promise<BasisStatement | undefined> => {
  const { rows } = await db.query<Row>({
    name: 'read-basis-statement',
    text: 'SELECT * FROM basis_statement WHERE basis_id = $1',
    values: [basisId],
  })
  const row = rows[0]
  return (
    row && {
      basisId: row.basis_id,
      mode: row.mode,
      subject: row.subject,
      provider: row.provider,
      purpose: row.purpose,
      evidenceTypes: row.evidence_types,
      madeAtMs: row.made_at_ms,
      statement: row.statement,
    }
  )
}
