import { randomUUID } from 'node:crypto'
import type { Queryable } from '@unefois/chassis/postgres'
import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { PersonId } from '../domain/person.js'
import type { Decision, Question, QuestionId } from '../domain/question.js'
import type { RegisterKey } from '../register-key.js'

interface QuestionRow {
  readonly question_id: QuestionId
  readonly member: string
  readonly pivot: Buffer
  readonly asked_at_ms: number
  readonly decided_at_ms: number | null
  readonly client_id: string | null
  readonly decided_by: string | null
  readonly why: Buffer | null
  readonly same_person: PersonId | null
  readonly seen: PersonId[]
}

/** Where a list goes on: after this question. */
export interface QuestionPosition {
  readonly askedAtMs: number
  readonly id: string
}

/** Which questions a list has: of one member or of all, in one state or in any. */
export interface QuestionFilter {
  readonly member?: string
  readonly isDecided?: boolean
  readonly after: QuestionPosition | undefined
  readonly most: number
}

const columns =
  'question_id, member, pivot, asked_at_ms, decided_at_ms, client_id, decided_by, why, same_person, seen::text[] AS seen'
const firstOfAll: QuestionPosition = { askedAtMs: -1, id: '00000000-0000-0000-0000-000000000000' }

/** Questions to humans, with their answers. */
export class QuestionStore {
  readonly #db: Queryable
  readonly #key: RegisterKey

  constructor(db: Queryable, key: RegisterKey) {
    this.#db = db
    this.#key = key
  }

  /** What a member asked before about the same pivot identity. */
  async ofMember(member: string, pivot: PivotIdentity): Promise<Question | undefined> {
    const { rows } = await this.#db.query<QuestionRow>({
      name: 'question-of-member',
      text: `SELECT ${columns} FROM question WHERE member = $1 AND question_index = $2`,
      values: [member, this.#key.questionIndex(pivot)],
    })
    return this.#toQuestions(rows)[0]
  }

  /** Opens a question, or opens again the one that the member asked before; answers its id. */
  async open(member: string, pivot: PivotIdentity, nowMs: number): Promise<QuestionId> {
    const id = randomUUID() as QuestionId
    const { rows } = await this.#db.query<{ question_id: QuestionId }>({
      name: 'open-question',
      text: `INSERT INTO question (question_id, member, question_index, pivot, asked_at_ms) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (member, question_index) DO UPDATE SET
               asked_at_ms = CASE WHEN question.decided_at_ms IS NULL THEN question.asked_at_ms ELSE $5 END,
               decided_at_ms = NULL, same_person = NULL
             RETURNING question_id`,
      values: [id, member, this.#key.questionIndex(pivot), this.#key.encrypt(id, pivot), Math.floor(nowMs)],
    })
    return rows[0]?.question_id as QuestionId
  }

  /** One question; whoever decides locks it first. */
  async find(id: string): Promise<Question | undefined> {
    const { rows } = await this.#db.query<QuestionRow>(`SELECT ${columns} FROM question WHERE question_id = $1`, [id])
    return this.#toQuestions(rows)[0]
  }

  /** As find, and nobody else decides it before this transaction ends. */
  async lock(id: string): Promise<Question | undefined> {
    const { rows } = await this.#db.query<QuestionRow>(
      `SELECT ${columns} FROM question WHERE question_id = $1 FOR UPDATE`,
      [id],
    )
    return this.#toQuestions(rows)[0]
  }

  async decide(id: QuestionId, { person, clientId, decidedBy, why, atMs, seen }: Decision): Promise<void> {
    await this.#db.query(
      `UPDATE question SET decided_at_ms = $2, client_id = $3, decided_by = $4, why = $5, same_person = $6, seen = $7
       WHERE question_id = $1 AND decided_at_ms IS NULL`,
      [id, atMs, clientId, decidedBy, this.#key.encryptText(id, why), person ?? null, seen],
    )
  }

  /** Forgets what was decided before this instant; the same asking is then a question again. */
  async forgetDecidedBefore(atMs: number): Promise<void> {
    await this.#db.query('DELETE FROM question WHERE decided_at_ms < $1', [Math.floor(atMs)])
  }

  /** The oldest first. */
  async list({ member, isDecided, after = firstOfAll, most }: QuestionFilter): Promise<Question[]> {
    const { rows } = await this.#db.query<QuestionRow>(
      `SELECT ${columns} FROM question
       WHERE (asked_at_ms, question_id) > ($1, $2)
         ${member === undefined ? '' : 'AND member = $4'}
         ${isDecided === undefined ? '' : `AND decided_at_ms IS ${isDecided ? 'NOT ' : ''}NULL`}
       ORDER BY asked_at_ms, question_id LIMIT $3`,
      [after.askedAtMs, after.id, most, ...(member === undefined ? [] : [member])],
    )
    return this.#toQuestions(rows)
  }

  #toQuestions(rows: readonly QuestionRow[]): Question[] {
    return rows.map((row) => ({
      id: row.question_id,
      member: row.member,
      pivot: this.#key.decrypt(row.question_id, row.pivot),
      askedAtMs: row.asked_at_ms,
      decision: this.#toDecision(row),
    }))
  }

  #toDecision(row: QuestionRow): Decision | undefined {
    if (row.decided_at_ms === null || row.why === null) return undefined
    return {
      person: row.same_person ?? undefined,
      clientId: row.client_id ?? '',
      decidedBy: row.decided_by ?? '',
      why: this.#key.decryptText(row.question_id, row.why),
      atMs: row.decided_at_ms,
      seen: row.seen,
    }
  }
}
