import type { Queryable, Transaction } from '@unefois/chassis/postgres'

/** A consent request that this member has pushed to the consent authority. */
export interface OpenedRequest {
  readonly requestId: string
  readonly subject: string
  readonly purpose: string
  readonly providers: readonly string[]
  readonly evidenceTypes: readonly string[]
  readonly durationDays: number
  readonly openedAtMs: number
  readonly expiresAtMs: number
}

interface Row {
  readonly request_id: string
  readonly subject: string
  readonly purpose: string
  readonly providers: string[]
  readonly evidence_types: string[]
  readonly duration_days: number
  readonly opened_at_ms: number
  readonly expires_at_ms: number
}

/** Stores a request; the authority answers a repeated push with the same id, which changes nothing here. */
export const insertOpenedRequest = async (tx: Transaction, request: OpenedRequest): Promise<void> => {
  await tx.query(
    `INSERT INTO consent_request (request_id, subject, purpose, providers, evidence_types, duration_days, opened_at_ms,
                                  expires_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (request_id) DO NOTHING`,
    [
      request.requestId,
      request.subject,
      request.purpose,
      request.providers,
      request.evidenceTypes,
      request.durationDays,
      request.openedAtMs,
      request.expiresAtMs,
    ],
  )
}

export const readOpenedRequest = async (db: Queryable, requestId: string): Promise<OpenedRequest | undefined> => {
  const { rows } = await db.query<Row>('SELECT * FROM consent_request WHERE request_id = $1', [requestId])
  const row = rows[0]
  return (
    row && {
      requestId: row.request_id,
      subject: row.subject,
      purpose: row.purpose,
      providers: row.providers,
      evidenceTypes: row.evidence_types,
      durationDays: row.duration_days,
      openedAtMs: row.opened_at_ms,
      expiresAtMs: row.expires_at_ms,
    }
  )
}
