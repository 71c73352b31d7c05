import { batched } from '@unefois/chassis/batch'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { HeldEvidence } from '../domain/evidence.js'
import { openPayload, type SubjectKeys, sealPayload } from './subject-keys.js'

interface Place {
  readonly subject: string
  readonly evidenceType: string
}

interface Row {
  readonly subject: string
  readonly evidence_type: string
  readonly version: number
  readonly as_of_ms: number
  readonly content: Buffer
  readonly wrapped: Buffer | null
}

const contextOf = ({ subject, evidenceType }: Place, version: number): string =>
  `evidence ${subject} ${evidenceType} ${version}`
const keyOf = ({ subject, evidenceType }: Place): string => `${subject}\n${evidenceType}`

/** Evidence that the agency's systems declared; versions are append-only. */
export class EvidenceStore {
  readonly #subjectKeys: SubjectKeys
  readonly #newest: (place: Place) => Promise<Row | undefined>

  constructor(db: Queryable, subjectKeys: SubjectKeys) {
    this.#subjectKeys = subjectKeys
    this.#newest = batched((places) => readNewest(db, places), { most: 200 })
  }

  /** The newest version; undefined when there is none or when its subject's key was forgotten. */
  async newest(subject: string, evidenceType: string): Promise<HeldEvidence | undefined> {
    const row = await this.#newest({ subject, evidenceType })
    if (!row?.wrapped) return undefined
    const key = this.#subjectKeys.unwrap(subject, row.wrapped)
    const payload = openPayload(key, row.content, contextOf({ subject, evidenceType }, row.version))
    if (!payload) return undefined
    const content = JSON.parse(payload.toString())
    return { value: content.value, related: content.related, version: row.version, asOfMs: row.as_of_ms }
  }

  /** Adds a version that supersedes `supersedes` (0: none); undefined when that is not the newest. */
  async declare(
    tx: Transaction,
    place: Place,
    evidence: Omit<HeldEvidence, 'version'> & { readonly supersedes: number; readonly declaredAtMs: number },
  ): Promise<number | undefined> {
    const version = evidence.supersedes + 1
    const key = await this.#subjectKeys.keyWithin(tx, place.subject)
    const content = Buffer.from(JSON.stringify({ value: evidence.value, related: evidence.related }))
    const { rowCount } = await tx.query(
      `INSERT INTO evidence (subject, evidence_type, version, as_of_ms, declared_at_ms, content)
       SELECT $1, $2, $3, $4, $5, $6
       WHERE COALESCE((SELECT max(version) FROM evidence WHERE subject = $1 AND evidence_type = $2), 0) = $7
       ON CONFLICT DO NOTHING`,
      [
        place.subject,
        place.evidenceType,
        version,
        evidence.asOfMs,
        evidence.declaredAtMs,
        sealPayload(key, content, contextOf(place, version)),
        evidence.supersedes,
      ],
    )
    return rowCount === 1 ? version : undefined
  }
}

const readNewest = async (db: Queryable, places: Place[]): Promise<(Row | undefined)[]> => {
  const { rows } = await db.query<Row>({
    name: 'newest-evidence',
    text: `SELECT e.subject, e.evidence_type, e.version, e.as_of_ms, e.content, k.wrapped
           FROM unnest($1::text[], $2::text[]) AS p (subject, evidence_type)
           CROSS JOIN LATERAL (
             SELECT * FROM evidence WHERE subject = p.subject AND evidence_type = p.evidence_type
             ORDER BY version DESC LIMIT 1) AS e
           LEFT JOIN documents_keys.subject_key AS k ON k.subject = e.subject`,
    values: [places.map((place) => place.subject), places.map((place) => place.evidenceType)],
  })
  const found = new Map(rows.map((row) => [keyOf({ subject: row.subject, evidenceType: row.evidence_type }), row]))
  return places.map((place) => found.get(keyOf(place)))
}
