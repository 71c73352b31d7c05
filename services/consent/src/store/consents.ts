import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { AnsweredState, ConsentState, HistoryEntry } from '../domain/consent-state.js'
import type { Disclosure } from '../domain/disclosures.js'

/** A person's answer to one request. */
export interface Consent {
  readonly consentId: string
  readonly requestId: string
  readonly subject: string
  readonly requester: string
  readonly purpose: string
  readonly disclosures: readonly Disclosure[]
  readonly state: AnsweredState
  readonly acr: string
  readonly authTimeSeconds: number
  readonly validFromSeconds: number
  readonly validUntilSeconds: number
  readonly record: Readonly<Record<string, unknown>>
}

/** One party's copy under one basis. */
export interface ConsentCopy {
  readonly basisId: string
  readonly party: string
  readonly provider: string
  readonly evidenceTypes: readonly string[]
  readonly sealedSubject: string
}

interface Row {
  readonly consent_id: string
  readonly request_id: string
  readonly subject: string
  readonly requester: string
  readonly purpose: string
  readonly disclosures: Disclosure[]
  readonly state: AnsweredState
  readonly acr: string
  readonly auth_time_s: number
  readonly valid_from_s: number
  readonly valid_until_s: number
  readonly record: Record<string, unknown>
}

const fromRow = (row: Row): Consent => ({
  consentId: row.consent_id,
  requestId: row.request_id,
  subject: row.subject,
  requester: row.requester,
  purpose: row.purpose,
  disclosures: row.disclosures,
  state: row.state,
  acr: row.acr,
  authTimeSeconds: row.auth_time_s,
  validFromSeconds: row.valid_from_s,
  validUntilSeconds: row.valid_until_s,
  record: row.record,
})

export const insertConsent = async (
  tx: Transaction,
  consent: Consent,
  copies: readonly ConsentCopy[],
  history: readonly HistoryEntry[],
): Promise<void> => {
  await tx.query(
    `INSERT INTO consent (consent_id, request_id, subject, requester, purpose, disclosures, state, acr, auth_time_s,
                          valid_from_s, valid_until_s, record)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      consent.consentId,
      consent.requestId,
      consent.subject,
      consent.requester,
      consent.purpose,
      JSON.stringify(consent.disclosures),
      consent.state,
      consent.acr,
      consent.authTimeSeconds,
      consent.validFromSeconds,
      consent.validUntilSeconds,
      JSON.stringify(consent.record),
    ],
  )
  for (const copy of copies)
    await tx.query(
      `INSERT INTO consent_copy (basis_id, party, consent_id, provider, evidence_types, sealed_subject)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [copy.basisId, copy.party, consent.consentId, copy.provider, copy.evidenceTypes, copy.sealedSubject],
    )
  for (const entry of history) await insertEvent(tx, consent.consentId, entry)
}

export const insertEvent = async (tx: Transaction, consentId: string, entry: HistoryEntry): Promise<void> => {
  await tx.query('INSERT INTO consent_event (consent_id, state, at_ms, actor) VALUES ($1, $2, $3, $4)', [
    consentId,
    entry.state,
    entry.atMs,
    entry.actor,
  ])
}

export const readConsentOfRequest = async (db: Queryable, requestId: string): Promise<Consent | undefined> => {
  const { rows } = await db.query<Row>('SELECT * FROM consent WHERE request_id = $1', [requestId])
  return rows[0] && fromRow(rows[0])
}

/** A consent with its row locked; undefined also when it is another person's. */
export const lockConsent = async (
  tx: Transaction,
  consentId: string,
  subject: string,
): Promise<Consent | undefined> => {
  const { rows } = await tx.query<Row>(
    'SELECT * FROM consent WHERE consent_id = $1 AND subject = (SELECT standing_subject($2)) FOR UPDATE',
    [consentId, subject],
  )
  return rows[0] && fromRow(rows[0])
}

export const markWithdrawn = async (tx: Transaction, consentId: string): Promise<void> => {
  await tx.query(`UPDATE consent SET state = 'withdrawn' WHERE consent_id = $1`, [consentId])
}

export const readCopies = async (db: Queryable, consentId: string): Promise<readonly ConsentCopy[]> => {
  const { rows } = await db.query<{
    basis_id: string
    party: string
    provider: string
    evidence_types: string[]
    sealed_subject: string
  }>('SELECT * FROM consent_copy WHERE consent_id = $1 ORDER BY party, provider', [consentId])
  return rows.map((row) => ({
    basisId: row.basis_id,
    party: row.party,
    provider: row.provider,
    evidenceTypes: row.evidence_types,
    sealedSubject: row.sealed_subject,
  }))
}

/** Which consents of a person are read; what is empty filters nothing. */
export interface ConsentPage {
  /** After this one in the order of the list; undefined: from the first. */
  readonly after: { readonly validFromSeconds: number; readonly consentId: string } | undefined
  readonly state: ConsentState | ''
  readonly requester: string
  readonly purpose: string
  readonly limit: number
  readonly nowMs: number
}

/** A person's consents, newest first, at most `limit`. */
export const readConsentsOf = async (
  db: Queryable,
  subject: string,
  { after, state, requester, purpose, limit, nowMs }: ConsentPage,
): Promise<readonly Consent[]> => {
  const { rows } = await db.query<Row>(
    `SELECT * FROM consent
     WHERE subject = (SELECT standing_subject($1))
       AND ($2::bigint IS NULL OR valid_from_s < $2 OR (valid_from_s = $2 AND consent_id > $3))
       AND ($4 = '' OR requester = $4) AND ($5 = '' OR purpose = $5)
       AND ($6 = '' OR $6 = CASE WHEN state = 'given' AND valid_until_s * 1000 <= $7 THEN 'expired' ELSE state END)
     ORDER BY valid_from_s DESC, consent_id LIMIT $8`,
    [
      subject,
      after?.validFromSeconds ?? null,
      after?.consentId ?? null,
      requester,
      purpose,
      state,
      Math.floor(nowMs),
      limit,
    ],
  )
  return rows.map(fromRow)
}

/** The recorded history of several consents. */
export const readHistory = async (
  db: Queryable,
  consentIds: readonly string[],
): Promise<ReadonlyMap<string, readonly HistoryEntry[]>> => {
  const { rows } = await db.query<{
    consent_id: string
    state: HistoryEntry['state']
    at_ms: number
    actor: string
  }>('SELECT * FROM consent_event WHERE consent_id = ANY($1::uuid[]) ORDER BY at_ms', [consentIds])
  const history = new Map<string, HistoryEntry[]>()
  for (const { consent_id, state, at_ms, actor } of rows)
    history.set(consent_id, [...(history.get(consent_id) ?? []), { state, atMs: at_ms, actor }])
  return history
}
