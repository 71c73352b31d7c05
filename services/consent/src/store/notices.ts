import type { Queryable, Transaction } from '@unefois/chassis/postgres'

/** What a person was told, with the statement that says so. */
export interface Notice {
  readonly basisId: string
  readonly subject: string
  readonly provider: string
  readonly purpose: string
  readonly evidenceTypes: readonly string[]
  readonly textVersion: string
  readonly language: string
  readonly channel: string
  readonly toldAtMs: number
  readonly statement: string
}

interface Row {
  readonly basis_id: string
  readonly subject: string
  readonly provider: string
  readonly purpose: string
  readonly evidence_types: string[]
  readonly text_version: string
  readonly language: string
  readonly channel: string
  readonly told_at_ms: number
  readonly statement: string
}

export const insertNotice = async (tx: Transaction, notice: Notice): Promise<void> => {
  await tx.query(
    `INSERT INTO notice (basis_id, subject, provider, purpose, evidence_types, text_version, language, channel,
                         told_at_ms, statement)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      notice.basisId,
      notice.subject,
      notice.provider,
      notice.purpose,
      notice.evidenceTypes,
      notice.textVersion,
      notice.language,
      notice.channel,
      notice.toldAtMs,
      notice.statement,
    ],
  )
}

export const readNotice = async (db: Queryable, basisId: string): Promise<Notice | undefined> => {
  const { rows } = await db.query<Row>({
    name: 'read-notice',
    text: 'SELECT * FROM notice WHERE basis_id = $1',
    values: [basisId],
  })
  const row = rows[0]
  return (
    row && {
      basisId: row.basis_id,
      subject: row.subject,
      provider: row.provider,
      purpose: row.purpose,
      evidenceTypes: row.evidence_types,
      textVersion: row.text_version,
      language: row.language,
      channel: row.channel,
      toldAtMs: row.told_at_ms,
      statement: row.statement,
    }
  )
}
