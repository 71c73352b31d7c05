import { randomBytes } from 'node:crypto'
import type { Queryable } from '@unefois/chassis/postgres'
import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { Candidate } from '../domain/matching.js'
import { type PersonId, personIdFrom } from '../domain/person.js'
import type { RegisterKey } from '../register-key.js'

interface PersonRow {
  readonly person_id: PersonId
  readonly pivot: Buffer
}

/** Identity ↔ person id. It knows no pseudonym. */
export class RegisterStore {
  readonly #db: Queryable
  readonly #key: RegisterKey

  constructor(db: Queryable, key: RegisterKey) {
    this.#db = db
    this.#key = key
  }

  /** Enters a person once; true when the same pivot, after normalisation, was there before. */
  async register(pivot: PivotIdentity, nowMs: number): Promise<{ wasKnown: boolean }> {
    const person = personIdFrom(randomBytes(16))
    const { rowCount } = await this.#db.query(
      `INSERT INTO person (person_id, pivot, pivot_index, candidate_index, registered_at)
       VALUES ($1, $2, $3, $4, to_timestamp($5::float8 / 1000)) ON CONFLICT (pivot_index) DO NOTHING`,
      [person, this.#key.encrypt(person, pivot), this.#key.pivotIndex(pivot), this.#key.candidateIndex(pivot), nowMs],
    )
    return { wasKnown: rowCount === 0 }
  }

  async isRegistered(person: PersonId): Promise<boolean> {
    const { rowCount } = await this.#db.query({
      name: 'is-registered',
      text: 'SELECT 1 FROM person WHERE person_id = $1',
      values: [person],
    })
    return rowCount === 1
  }

  /** Everybody who could be this person. */
  async candidates(pivot: PivotIdentity): Promise<Candidate[]> {
    const { rows } = await this.#db.query<PersonRow>({
      name: 'candidates',
      text: 'SELECT person_id, pivot FROM person WHERE candidate_index = $1 ORDER BY person_id',
      values: [this.#key.candidateIndex(pivot)],
    })
    return rows.map((row) => ({ person: row.person_id, pivot: this.#key.decrypt(row.person_id, row.pivot) }))
  }

  /** The person whose account at an identity provider this is known to be. */
  async personOfLogin(issuer: string, sub: string): Promise<PersonId | undefined> {
    const { rows } = await this.#db.query<{ person_id: PersonId }>({
      name: 'person-of-login',
      text: 'SELECT person_id FROM federated_login WHERE issuer = $1 AND login_index = $2',
      values: [issuer, this.#key.loginIndex(issuer, sub)],
    })
    return rows[0]?.person_id
  }

  /** Remembers whose account this is; the first person stays. */
  async linkLogin(issuer: string, sub: string, person: PersonId, nowMs: number): Promise<void> {
    await this.#db.query(
      `INSERT INTO federated_login (issuer, login_index, person_id, linked_at)
       VALUES ($1, $2, $3, to_timestamp($4::float8 / 1000)) ON CONFLICT DO NOTHING`,
      [issuer, this.#key.loginIndex(issuer, sub), person, nowMs],
    )
  }
}
