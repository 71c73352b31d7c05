import type { Queryable } from '@unefois/chassis/postgres'
import { Evidence } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { openPayload, type SubjectKeys, sealPayload } from './subject-keys.js'

/** Evidence received, encrypted, to be kept with its receipt. */
export interface Received {
  readonly exchangeId: string
  readonly subject: string
  readonly content: Buffer
  readonly keepUntilMs: number
}

export const receivedContext = (exchangeId: string): string => `received-evidence ${exchangeId}`

/** Evidence received from other members, encrypted with its subject's key and kept no longer than its retention. */
export class ReceivedEvidenceStore {
  readonly #db: Queryable
  readonly #subjectKeys: SubjectKeys

  constructor(db: Queryable, subjectKeys: SubjectKeys) {
    this.#db = db
    this.#subjectKeys = subjectKeys
  }

  /** Encrypts evidence for storage with its receipt; anew when it cannot be kept because the person's pseudonym has changed. */
  async seal(exchangeId: string, subject: string, evidence: Evidence): Promise<Received> {
    const standing = await this.#subjectKeys.standingKey(subject)
    const content = sealPayload(standing.key, Evidence.encode(evidence).finish(), receivedContext(exchangeId))
    return { exchangeId, subject: standing.subject, content, keepUntilMs: evidence.keepUntilMs }
  }

  /** The evidence of an exchange; undefined once its retention has ended or its subject's key was forgotten. */
  async read(exchangeId: string, nowMs: number): Promise<Evidence | undefined> {
    return (await this.readAll([exchangeId], nowMs)).get(exchangeId)
  }

  /** The same of several exchanges, by their ids; what can no longer be read is missing. */
  async readAll(exchangeIds: readonly string[], nowMs: number): Promise<ReadonlyMap<string, Evidence>> {
    const { rows } = await this.#db.query<{ exchange_id: string; subject: string; content: Buffer; wrapped: Buffer }>(
      `SELECT exchange_id, subject, content, wrapped FROM received_evidence
       JOIN documents_keys.subject_key USING (subject) WHERE exchange_id = ANY($1::uuid[]) AND keep_until_ms > $2`,
      [exchangeIds, Math.floor(nowMs)],
    )
    const read = new Map<string, Evidence>()
    for (const { exchange_id, subject, content, wrapped } of rows) {
      const opened = openPayload(this.#subjectKeys.unwrap(subject, wrapped), content, receivedContext(exchange_id))
      if (opened) read.set(exchange_id, Evidence.decode(opened))
    }
    return read
  }
}
