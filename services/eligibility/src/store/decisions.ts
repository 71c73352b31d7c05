import { decrypt, encrypt } from '@unefois/chassis/cipher'
import type { FileKeys } from '@unefois/chassis/file-keys'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { DecisionFile } from '@unefois/proto/gen/unefois/eligibility/v1/decision_file'
import { type Decision, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'

/** A decision file as it is kept; pseudonym and legal hold of its decision are those of today. */
export interface StoredDecision extends DecisionFile {
  readonly decision: Decision
}

interface Row {
  readonly decision_id: string
  readonly subject: string
  readonly legal_hold: string
  readonly content: Buffer
  readonly wrapped: Buffer | null
}

interface Needs {
  readonly postgres: Queryable
  readonly fileKeys: FileKeys
}

const select = `SELECT decision_id, subject, legal_hold, content, wrapped
  FROM decision LEFT JOIN eligibility_keys.file_key ON file_id = decision_id`

const contextOf = (decisionId: string): string => `decision ${decisionId}`

/** What this agency decided, each file encrypted with a key of its own: without the key it is gone. */
export class Decisions {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  async insert(tx: Transaction, { decision, ...file }: StoredDecision): Promise<void> {
    const { decisionId, applicationId, subject, procedure, made, issuedAtMs, keptUntilDay, legalHold } = decision
    const key = await this.#needs.fileKeys.draw(tx, decisionId)
    // What stands in columns is not kept a second time: of a person who is renamed the row alone changes.
    const content = DecisionFile.encode({ ...file, decision: { ...decision, subject: '', legalHold: '' } }).finish()
    await tx.query(
      `INSERT INTO decision (decision_id, application_id, subject, procedure, outcome, issued_at_ms, kept_until, legal_hold, content)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        ...[decisionId, applicationId, subject, procedure, made?.outcome ?? 0, issuedAtMs, keptUntilDay, legalHold],
        encrypt(key, content, contextOf(decisionId)),
      ],
    )
  }

  /** Whether a decision of this id was issued, and is kept. */
  async isIssued(db: Queryable, decisionId: string): Promise<boolean> {
    const { rowCount } = await db.query('SELECT 1 FROM decision WHERE decision_id = $1', [decisionId])
    return rowCount === 1
  }

  /** The same of one person by one procedure. */
  async isIssuedTo(
    db: Queryable,
    { decisionId, subject, procedure }: Pick<Decision, 'decisionId' | 'subject' | 'procedure'>,
  ): Promise<boolean> {
    const { rowCount } = await db.query(
      'SELECT 1 FROM decision WHERE decision_id = $1 AND subject = (SELECT standing_subject($2)) AND procedure = $3',
      [decisionId, subject, procedure],
    )
    return rowCount === 1
  }

  /** One decision, of one person where they are named; undefined also when its key was deleted. */
  async get(
    decisionId: string,
    subject: string | undefined,
    db: Queryable = this.#needs.postgres,
  ): Promise<StoredDecision | undefined> {
    const { rows } = await db.query<Row>(
      `${select} WHERE decision_id = $1 ${subject === undefined ? '' : 'AND subject = (SELECT standing_subject($2))'}`,
      [decisionId, ...(subject === undefined ? [] : [subject])],
    )
    return rows.map((row) => this.#open(row))[0]
  }

  /** What was granted to a person by a procedure, whole or in part; without what a later decision on the same application replaced. */
  async grantsTo(subject: string, procedure: string): Promise<Decision[]> {
    const { rows } = await this.#needs.postgres.query<Row>(
      `${select} WHERE subject = (SELECT standing_subject($1)) AND procedure = $2 AND outcome = ANY($3)
         AND NOT EXISTS (SELECT 1 FROM decision AS later
           WHERE later.application_id = decision.application_id AND later.issued_at_ms > decision.issued_at_ms)`,
      [subject, procedure, [Outcome.OUTCOME_GRANTED, Outcome.OUTCOME_PARTLY_GRANTED]],
    )
    return rows.flatMap((row) => this.#open(row)?.decision ?? [])
  }

  /** Keeps a file past its retention for a reason, or, where that is empty, no longer. */
  async setLegalHold(tx: Transaction, decisionId: string, reason: string): Promise<StoredDecision | undefined> {
    await tx.query('UPDATE decision SET legal_hold = $2 WHERE decision_id = $1', [decisionId, reason])
    const { rows } = await tx.query<Row>(`${select} WHERE decision_id = $1`, [decisionId])
    return rows.map((row) => this.#open(row))[0]
  }

  /** Deletes the files, and their keys, of which the last day has passed and nobody holds; answers how many. */
  async deleteEnded(day: string): Promise<number> {
    const { rows } = await this.#needs.postgres.query<{ ended: number }>(
      `WITH ended AS (DELETE FROM decision WHERE kept_until < $1 AND legal_hold = '' RETURNING decision_id),
       keys AS (DELETE FROM eligibility_keys.file_key USING ended WHERE file_id = ended.decision_id)
       SELECT count(*) AS ended FROM ended`,
      [day],
    )
    return rows[0]?.ended ?? 0
  }

  #open({ decision_id, subject, legal_hold, content, wrapped }: Row): StoredDecision | undefined {
    if (!wrapped) return undefined
    const key = this.#needs.fileKeys.unwrap(decision_id, wrapped)
    const { decision, ...file } = DecisionFile.decode(decrypt(key, content, contextOf(decision_id)))
    if (!decision) throw new Error(`the file of decision ${decision_id} is empty`)
    return { ...file, decision: { ...decision, subject, legalHold: legal_hold } }
  }
}
