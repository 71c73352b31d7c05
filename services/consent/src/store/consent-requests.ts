import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Disclosure } from '../domain/disclosures.js'

/** A request to a person, as a member pushed it to the authority. */
export interface ConsentRequest {
  readonly requestId: string
  readonly requester: string
  readonly clientRequestId: string
  /** The authority's own pseudonym of the person. */
  readonly subject: string
  readonly purpose: string
  readonly providers: readonly string[]
  readonly evidenceTypes: readonly string[]
  readonly durationDays: number
  readonly returnUrl: string
  readonly textVersion: string
  readonly disclosures: readonly Disclosure[]
  readonly state: 'requested' | 'given' | 'refused'
  readonly requestedAtMs: number
  readonly expiresAtMs: number
}

interface Row {
  readonly request_id: string
  readonly requester: string
  readonly client_request_id: string
  readonly subject: string
  readonly purpose: string
  readonly providers: string[]
  readonly evidence_types: string[]
  readonly duration_days: number
  readonly return_url: string
  readonly text_version: string
  readonly disclosures: Disclosure[]
  readonly state: ConsentRequest['state']
  readonly requested_at_ms: number
  readonly expires_at_ms: number
}

const fromRow = (row: Row): ConsentRequest => ({
  requestId: row.request_id,
  requester: row.requester,
  clientRequestId: row.client_request_id,
  subject: row.subject,
  purpose: row.purpose,
  providers: row.providers,
  evidenceTypes: row.evidence_types,
  durationDays: row.duration_days,
  returnUrl: row.return_url,
  textVersion: row.text_version,
  disclosures: row.disclosures,
  state: row.state,
  requestedAtMs: row.requested_at_ms,
  expiresAtMs: row.expires_at_ms,
})

/** Stores a request unless its member pushed one under the same client request id; answers the one that is stored. */
export const insertOnce = async (db: Queryable, request: ConsentRequest): Promise<ConsentRequest> => {
  await db.query(
    `INSERT INTO consent_request (request_id, requester, client_request_id, subject, purpose, providers, evidence_types,
                                  duration_days, return_url, text_version, disclosures, state, requested_at_ms,
                                  expires_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (requester, client_request_id) DO NOTHING`,
    [
      request.requestId,
      request.requester,
      request.clientRequestId,
      request.subject,
      request.purpose,
      request.providers,
      request.evidenceTypes,
      request.durationDays,
      request.returnUrl,
      request.textVersion,
      JSON.stringify(request.disclosures),
      request.state,
      request.requestedAtMs,
      request.expiresAtMs,
    ],
  )
  const { rows } = await db.query<Row>(
    'SELECT * FROM consent_request WHERE requester = $1 AND client_request_id = $2',
    [request.requester, request.clientRequestId],
  )
  return rows[0] ? fromRow(rows[0]) : request
}

export const readRequest = async (db: Queryable, requestId: string): Promise<ConsentRequest | undefined> => {
  const { rows } = await db.query<Row>('SELECT * FROM consent_request WHERE request_id = $1', [requestId])
  return rows[0] && fromRow(rows[0])
}

/** The request with its row locked: of two answers that arrive together, the second sees the first. */
export const lockRequest = async (tx: Transaction, requestId: string): Promise<ConsentRequest | undefined> => {
  const { rows } = await tx.query<Row>('SELECT * FROM consent_request WHERE request_id = $1 FOR UPDATE', [requestId])
  return rows[0] && fromRow(rows[0])
}

export const closeRequest = async (tx: Transaction, requestId: string, state: 'given' | 'refused'): Promise<void> => {
  await tx.query('UPDATE consent_request SET state = $2 WHERE request_id = $1', [requestId, state])
}
