import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { ConsentState } from '../domain/basis.js'

interface Row {
  readonly basis_id: string
  readonly subject: string
  readonly aliases: string[]
  readonly requester: string
  readonly purpose: string
  readonly evidence_types: string[]
  readonly valid_from_s: number
  readonly valid_until_s: number
  readonly revoked_at_s: number | null
}

const toState = (row: Row): ConsentState => ({
  basisId: row.basis_id,
  subject: row.subject,
  aliases: row.aliases,
  requester: row.requester,
  purpose: row.purpose,
  evidenceTypes: row.evidence_types,
  validFromSeconds: row.valid_from_s,
  validUntilSeconds: row.valid_until_s,
  revokedAtSeconds: row.revoked_at_s,
})

/**
 * Reads consents; inside a transaction with `lock`, a withdrawal waits until that transaction has ended. The lock is not a
 * shared one: releases that overlap on one consent could hold off its withdrawal for as long as they keep coming.
 */
export const readConsents = async (
  db: Queryable,
  basisIds: readonly string[],
  lock: 'lock' | 'no lock',
): Promise<ReadonlyMap<string, ConsentState>> => {
  if (basisIds.length === 0) return new Map()
  const { rows } = await db.query<Row>({
    name: `read-consents-${lock}`,
    text: `SELECT basis_id, subject, requester, purpose, evidence_types, valid_from_s, valid_until_s, revoked_at_s,
                  ARRAY(SELECT alias FROM subject_alias AS known WHERE known.subject = consent.subject) AS aliases
           FROM consent WHERE basis_id = ANY($1) ORDER BY basis_id ${lock === 'lock' ? 'FOR NO KEY UPDATE' : ''}`,
    values: [basisIds],
  })
  return new Map(rows.map((row) => [row.basis_id, toState(row)]))
}

/** Stores a consent or its withdrawal; a withdrawal is never undone by an older message. */
export const putConsent = async (tx: Transaction, consent: Omit<ConsentState, 'aliases'>): Promise<void> => {
  await tx.query(
    `INSERT INTO consent (basis_id, subject, requester, purpose, evidence_types, valid_from_s, valid_until_s, revoked_at_s)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (basis_id) DO UPDATE SET
       valid_until_s = EXCLUDED.valid_until_s,
       revoked_at_s = COALESCE(consent.revoked_at_s, EXCLUDED.revoked_at_s)`,
    [
      consent.basisId,
      consent.subject,
      consent.requester,
      consent.purpose,
      consent.evidenceTypes,
      consent.validFromSeconds,
      consent.validUntilSeconds,
      consent.revokedAtSeconds,
    ],
  )
}

/** The same for a consent that is known, whoever it is about; false for one that is not. */
export const updateConsent = async (
  tx: Transaction,
  {
    basisId,
    validUntilSeconds,
    revokedAtSeconds,
  }: Pick<ConsentState, 'basisId' | 'validUntilSeconds' | 'revokedAtSeconds'>,
): Promise<boolean> => {
  const { rowCount } = await tx.query(
    'UPDATE consent SET valid_until_s = $2, revoked_at_s = COALESCE(revoked_at_s, $3) WHERE basis_id = $1',
    [basisId, validUntilSeconds, revokedAtSeconds],
  )
  return rowCount === 1
}

/** How far the authority's feed has been applied; 0 when nothing was. */
export const feedPosition = async (db: Queryable, authority: string): Promise<number> => {
  const { rows } = await db.query<{ position: number }>('SELECT position FROM consent_feed WHERE authority = $1', [
    authority,
  ])
  return rows[0]?.position ?? 0
}

export const putFeedPosition = async (tx: Transaction, authority: string, position: number): Promise<void> => {
  await tx.query(
    `INSERT INTO consent_feed (authority, position) VALUES ($1, $2)
     ON CONFLICT (authority) DO UPDATE SET position = GREATEST(consent_feed.position, EXCLUDED.position)`,
    [authority, position],
  )
}
