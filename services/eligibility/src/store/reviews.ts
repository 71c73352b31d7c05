import { decrypt, encrypt } from '@unefois/chassis/cipher'
import type { FileKeys } from '@unefois/chassis/file-keys'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { Review, ReviewState } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { rankOf } from '../domain/review.js'
import { type ReviewStateName, reviewStateName, reviewStateNamed } from '../domain/review-state.js'

/** Which reviews are wanted. */
export interface WantedReviews {
  /** Undefined: all that did not end. */
  readonly state: ReviewState | undefined
  /** Undefined: of all. */
  readonly decisionId: string | undefined
}

/** Where a list of reviews goes on. */
export interface ReviewPosition {
  readonly rank: number
  readonly position: number
}

/** A review with its place in the list. */
export interface PlacedReview extends ReviewPosition {
  readonly review: Review
}

interface Row extends ReviewPosition {
  readonly review_id: string
  readonly decision_id: string
  readonly application_id: string
  readonly subject: string
  readonly procedure: string
  readonly state: ReviewStateName
  readonly opened_at_ms: number
  readonly ended_at_ms: number | null
  readonly content: Buffer
  readonly wrapped: Buffer | null
}

interface Needs {
  readonly postgres: Queryable
  readonly fileKeys: FileKeys
}

const select = `SELECT rank, position, review_id, decision_id, application_id, subject, procedure, state, opened_at_ms,
  ended_at_ms, content, wrapped FROM review LEFT JOIN eligibility_keys.file_key ON file_id = decision_id`

const contextOf = (reviewId: string): string => `review ${reviewId}`

/** Reviews of decisions, each encrypted with the key of its decision's file: without that key it is gone. */
export class Reviews {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Keeps a new review. Answers false where its decision was deleted, or has one that did not end. */
  async insert(tx: Transaction, review: Review): Promise<boolean> {
    const key = await this.#needs.fileKeys.of(tx, review.decisionId)
    if (!key) return false
    const { reviewId, decisionId, applicationId, subject, procedure, state, openedAtMs } = review
    const { rowCount } = await tx.query(
      `INSERT INTO review (review_id, decision_id, application_id, subject, procedure, state, rank, opened_at_ms, content)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (decision_id) WHERE ended_at_ms IS NULL DO NOTHING`,
      [
        ...[reviewId, decisionId, applicationId, subject, procedure],
        ...[reviewStateName(state), rankOf(review), openedAtMs, this.#sealed(key, review)],
      ],
    )
    return rowCount === 1
  }

  /** Keeps what a review has become; the transaction holds its lock. */
  async save(tx: Transaction, review: Review): Promise<void> {
    const key = await this.#needs.fileKeys.of(tx, review.decisionId)
    if (!key) throw new Error(`the key of decision ${review.decisionId} was deleted while its review was locked`)
    await tx.query('UPDATE review SET state = $2, rank = $3, ended_at_ms = $4, content = $5 WHERE review_id = $1', [
      ...[review.reviewId, reviewStateName(review.state), rankOf(review), review.endedAtMs || null],
      this.#sealed(key, review),
    ])
  }

  async get(reviewId: string, db: Queryable = this.#needs.postgres): Promise<Review | undefined> {
    const { rows } = await db.query<Row>(`${select} WHERE review_id = $1`, [reviewId])
    return rows.map((row) => this.#open(row))[0]
  }

  /** The same, locked until the transaction ends. */
  async lock(tx: Transaction, reviewId: string): Promise<Review | undefined> {
    const { rows } = await tx.query<Row>(`${select} WHERE review_id = $1 FOR UPDATE OF review`, [reviewId])
    return rows.map((row) => this.#open(row))[0]
  }

  /** The review of a decision that did not end, locked until the transaction ends. */
  async lockStanding(tx: Transaction, decisionId: string): Promise<Review | undefined> {
    const { rows } = await tx.query<Row>(
      `${select} WHERE decision_id = $1 AND ended_at_ms IS NULL FOR UPDATE OF review`,
      [decisionId],
    )
    return rows.map((row) => this.#open(row))[0]
  }

  /** Those of one person that did not end, locked until the transaction ends. */
  async lockStandingOf(tx: Transaction, subject: string): Promise<Review[]> {
    const { rows } = await tx.query<Row>(
      `${select} WHERE subject = (SELECT standing_subject($1)) AND ended_at_ms IS NULL
       ORDER BY position FOR UPDATE OF review`,
      [subject],
    )
    return rows.flatMap((row) => this.#open(row) ?? [])
  }

  /** At most `limit` after a place: by rank, and among equals in the order in which they were opened. */
  async list(
    after: ReviewPosition | undefined,
    { state, decisionId }: WantedReviews,
    limit: number,
  ): Promise<{
    readonly reviews: readonly PlacedReview[]
    readonly read: number
    readonly upTo: ReviewPosition | undefined
  }> {
    const name = state === undefined ? undefined : reviewStateName(state)
    const { rows } = await this.#needs.postgres.query<Row>(
      `${select} WHERE (rank, position) > ($1, $2)
         AND ${name === undefined ? 'ended_at_ms IS NULL AND $3::text IS NULL' : 'state = $3'}
         ${decisionId === undefined ? 'AND $4::uuid IS NULL' : 'AND decision_id = $4'}
       ORDER BY rank, position LIMIT $5`,
      [after?.rank ?? -1, after?.position ?? 0, name ?? null, decisionId ?? null, limit],
    )
    const reviews = rows.flatMap((row) => {
      const review = this.#open(row)
      return review ? [{ rank: row.rank, position: row.position, review }] : []
    })
    return { reviews, read: rows.length, upTo: rows.at(-1) }
  }

  /** What stands in columns is not kept a second time, and what is computed when it is read not at all. */
  #sealed(key: Uint8Array, review: Review): Buffer {
    const kept = {
      ...review,
      subject: '',
      state: ReviewState.REVIEW_STATE_UNSPECIFIED,
      limits: [],
      openedAtMs: 0,
      endedAtMs: 0,
    }
    return encrypt(key, Review.encode(kept).finish(), contextOf(review.reviewId))
  }

  #open(row: Row): Review | undefined {
    if (!row.wrapped) return undefined
    const key = this.#needs.fileKeys.unwrap(row.decision_id, row.wrapped)
    return {
      ...Review.decode(decrypt(key, row.content, contextOf(row.review_id))),
      subject: row.subject,
      state: reviewStateNamed[row.state],
      openedAtMs: row.opened_at_ms,
      endedAtMs: row.ended_at_ms ?? 0,
    }
  }
}
