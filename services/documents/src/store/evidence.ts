import { batched } from '@unefois/chassis/batch'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { HeldEvidence, Holding } from '../domain/evidence.js'
import { openPayload, type SubjectKeys, sealPayload } from './subject-keys.js'

interface Place {
  readonly subject: string
  readonly evidenceType: string
}

interface Row {
  /** As it was asked for, and the pseudonym that stands. */
  readonly given: string
  readonly subject: string
  readonly evidence_type: string
  readonly version: number
  readonly branch: number
  readonly is_ambiguous: boolean
  readonly as_of_ms: number
  readonly content: Buffer
  readonly wrapped: Buffer | null
}

/** Binds a version to its place; those of a file that does not go on are of a branch of their own. */
export const evidenceContext = ({ subject, evidenceType }: Place, version: number, branch: number): string =>
  `evidence ${subject} ${evidenceType} ${version}${branch === 0 ? '' : ` ${branch}`}`
const keyOf = ({ subject, evidenceType }: Place): string => `${subject}\n${evidenceType}`

/** Evidence that the agency's systems declared; versions are append-only. */
export class EvidenceStore {
  readonly #subjectKeys: SubjectKeys
  readonly #newest: (place: Place) => Promise<Row | undefined>

  constructor(db: Queryable, subjectKeys: SubjectKeys) {
    this.#subjectKeys = subjectKeys
    this.#newest = batched((places) => readNewest(db, places), { most: 200 })
  }

  /** The newest version; absent when there is none or when its subject's key was forgotten. */
  async read(subject: string, evidenceType: string): Promise<Holding> {
    return this.#open(await this.#newest({ subject, evidenceType }))
  }

  /** The same as it stands in a transaction, which must not wait for a second connection while it holds one. */
  async readWithin(tx: Transaction, place: Place): Promise<Holding> {
    const [row] = await readNewest(tx, [place])
    return this.#open(row)
  }

  #open(row: Row | undefined): Holding {
    if (!row?.wrapped) return { kind: 'absent' }
    if (row.is_ambiguous) return { kind: 'ambiguous' }
    const evidenceType = row.evidence_type
    const key = this.#subjectKeys.unwrap(row.subject, row.wrapped)
    const place = { subject: row.subject, evidenceType }
    const payload = openPayload(key, row.content, evidenceContext(place, row.version, row.branch))
    if (!payload) return { kind: 'absent' }
    const { value, related } = JSON.parse(payload.toString())
    return { kind: 'found', evidence: { value, related, version: row.version, asOfMs: row.as_of_ms } }
  }

  /** The newest version, where there is exactly one that can be read. */
  async newest(subject: string, evidenceType: string): Promise<HeldEvidence | undefined> {
    const holding = await this.read(subject, evidenceType)
    return holding.kind === 'found' ? holding.evidence : undefined
  }

  /** Adds a version that supersedes `supersedes` (0: none); undefined when that is not the newest. */
  async declare(
    tx: Transaction,
    place: Place,
    evidence: Omit<HeldEvidence, 'version'> & { readonly supersedes: number; readonly declaredAtMs: number },
  ): Promise<number | undefined> {
    const version = evidence.supersedes + 1
    const { subject, key } = await this.#subjectKeys.heldKey(tx, place.subject)
    const content = Buffer.from(JSON.stringify({ value: evidence.value, related: evidence.related }))
    const { rowCount } = await tx.query(
      `INSERT INTO evidence (subject, evidence_type, version, as_of_ms, declared_at_ms, content)
       SELECT $1, $2, $3, $4, $5, $6
       WHERE COALESCE((SELECT max(version) FROM evidence WHERE subject = $1 AND evidence_type = $2), 0) = $7
       ON CONFLICT DO NOTHING`,
      [
        subject,
        place.evidenceType,
        version,
        evidence.asOfMs,
        evidence.declaredAtMs,
        sealPayload(key, content, evidenceContext({ ...place, subject }, version, 0)),
        evidence.supersedes,
      ],
    )
    return rowCount === 1 ? version : undefined
  }
}

const readNewest = async (db: Queryable, places: Place[]): Promise<(Row | undefined)[]> => {
  const { rows } = await db.query<Row>({
    name: 'newest-evidence',
    // Joined instead of called, for this is the busiest read; one of another epoch is refused where the exchange is recorded.
    text: `WITH p AS MATERIALIZED (
             SELECT asked.subject AS given, COALESCE(known.subject, asked.subject) AS subject, evidence_type
             FROM unnest($1::text[], $2::text[]) AS asked (subject, evidence_type)
             LEFT JOIN subject_alias AS known ON known.alias = asked.subject)
           SELECT p.given, e.subject, e.evidence_type, e.version, e.branch, e.is_ambiguous, e.as_of_ms, e.content, k.wrapped
           FROM p
           CROSS JOIN LATERAL (
             SELECT * FROM evidence WHERE subject = p.subject AND evidence_type = p.evidence_type AND branch = 0
             ORDER BY version DESC LIMIT 1) AS e
           LEFT JOIN documents_keys.subject_key AS k ON k.subject = e.subject`,
    values: [places.map((place) => place.subject), places.map((place) => place.evidenceType)],
  })
  const found = new Map(rows.map((row) => [keyOf({ subject: row.given, evidenceType: row.evidence_type }), row]))
  return places.map((place) => found.get(keyOf(place)))
}
