import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { ConsentArtefactClaims } from '@unefois/proto/statements'
import type { AnsweredState } from '../domain/consent-state.js'

/** The latest that the consent authority told this member under one basis. */
export interface KnownArtefact {
  readonly basisId: string
  readonly subject: string
  readonly requester: string
  readonly provider: string
  readonly purpose: string
  readonly evidenceTypes: readonly string[]
  readonly state: AnsweredState
  readonly validUntilMs: number
  /** Compact JWS. */
  readonly artefact: string
}

interface Row {
  readonly basis_id: string
  readonly subject: string
  readonly requester: string
  readonly provider: string
  readonly purpose: string
  readonly evidence_types: string[]
  readonly state: AnsweredState
  readonly valid_until_s: number
  readonly artefact: string
}

const fromRow = (row: Row): KnownArtefact => ({
  basisId: row.basis_id,
  subject: row.subject,
  requester: row.requester,
  provider: row.provider,
  purpose: row.purpose,
  evidenceTypes: row.evidence_types,
  state: row.state,
  validUntilMs: row.valid_until_s * 1000,
  artefact: row.artefact,
})

/** Stores an artefact over an earlier one of the same basis, never over a later one. */
export const putArtefact = async (
  tx: Transaction,
  claims: ConsentArtefactClaims,
  subject: string,
  artefact: string,
): Promise<void> => {
  await tx.query(
    `INSERT INTO consent_artefact (basis_id, subject, request_id, requester, provider, purpose, evidence_types, state,
                                   valid_until_s, position, artefact)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (basis_id) DO UPDATE SET
       state = EXCLUDED.state, valid_until_s = EXCLUDED.valid_until_s, position = EXCLUDED.position,
       artefact = EXCLUDED.artefact
     WHERE consent_artefact.position < EXCLUDED.position`,
    [
      claims.basis,
      subject,
      claims.request ?? null,
      claims.requester,
      claims.provider,
      claims.purpose,
      claims.evidence_types,
      claims.state,
      claims.valid_until,
      claims.position,
      artefact,
    ],
  )
}

export const readArtefact = async (db: Queryable, basisId: string): Promise<KnownArtefact | undefined> => {
  const { rows } = await db.query<Row>({
    name: 'read-artefact',
    text: 'SELECT * FROM consent_artefact WHERE basis_id = $1',
    values: [basisId],
  })
  return rows[0] && fromRow(rows[0])
}

/** What this member was told in answer to one of its requests, by provider. */
export const readAnswers = async (db: Queryable, requestId: string): Promise<readonly KnownArtefact[]> => {
  const { rows } = await db.query<Row>('SELECT * FROM consent_artefact WHERE request_id = $1 ORDER BY provider', [
    requestId,
  ])
  return rows.map(fromRow)
}
