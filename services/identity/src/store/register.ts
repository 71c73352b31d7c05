import { randomBytes } from 'node:crypto'
import type { Queryable } from '@unefois/chassis/postgres'
import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { Candidate } from '../domain/matching.js'
import { type PersonId, personIdFrom } from '../domain/person.js'
import type { RegisterKey } from '../register-key.js'

interface PersonRow {
  readonly person_id: PersonId
  readonly pivot: Buffer
  readonly deceased_on: string | null
}

/** An entry of the register after all merges, each of which leads straight to the entry that stands. */
export interface LivingEntry {
  readonly person: PersonId
  /** YYYY-MM-DD. */
  readonly deceasedOn: string | undefined
  readonly isSplit: boolean
}

const keysVersion = 1

/** Identity ↔ person id. It knows no pseudonym. */
export class RegisterStore {
  readonly #db: Queryable
  readonly #key: RegisterKey

  constructor(db: Queryable, key: RegisterKey) {
    this.#db = db
    this.#key = key
  }

  /** Enters a person once; `wasKnown` when the same pivot, after normalisation, was there before. */
  async register(pivot: PivotIdentity, nowMs: number): Promise<{ wasKnown: boolean; person: PersonId }> {
    const person = personIdFrom(randomBytes(16))
    const pivotIndex = this.#key.pivotIndex(pivot)
    // One statement, so that nobody is entered without the keys they are found by.
    const { rowCount } = await this.#db.query(
      `WITH entered AS (
         INSERT INTO person (person_id, pivot, pivot_index, candidate_index, keys_version, registered_at)
         VALUES ($1, $2, $3, $4, ${keysVersion}, to_timestamp($5::float8 / 1000))
         ON CONFLICT (pivot_index) DO NOTHING RETURNING person_id)
       INSERT INTO candidate_key (candidate_index, person_id)
       SELECT DISTINCT held.candidate_index, entered.person_id FROM entered, unnest($6::bytea[]) AS held (candidate_index)`,
      [
        person,
        this.#key.encrypt(person, pivot),
        pivotIndex,
        this.#key.candidateIndex(pivot),
        nowMs,
        this.#key.heldIndexes(pivot),
      ],
    )
    if (rowCount !== 0) return { wasKnown: false, person }
    const { rows } = await this.#db.query<{ person_id: PersonId }>(
      'SELECT person_id FROM person WHERE pivot_index = $1',
      [pivotIndex],
    )
    return { wasKnown: true, person: rows[0]?.person_id as PersonId }
  }

  async isRegistered(person: PersonId): Promise<boolean> {
    return (await this.living([person])).size === 1
  }

  /** Everybody who could be this person, with what they were registered as before. */
  async candidates(pivot: PivotIdentity): Promise<Candidate[]> {
    return (await this.candidatesOf([pivot]))[0] ?? []
  }

  /** For each of these pivots, in their order, everybody who could be that person. */
  async candidatesOf(pivots: readonly PivotIdentity[]): Promise<Candidate[][]> {
    const indexes = pivots.map((pivot) => [...this.#key.askedIndexes(pivot), this.#key.candidateIndex(pivot)])
    const { rows } = await this.#db.query<PersonRow & { candidate_index: Buffer }>({
      name: 'candidates',
      text: `WITH found AS (
               SELECT candidate_index, person_id FROM candidate_key WHERE candidate_index = ANY($1)
               UNION SELECT candidate_index, person_id FROM person WHERE candidate_index = ANY($1) AND keys_version = 0)
             SELECT found.candidate_index, person_id, pivot, deceased_on FROM found JOIN person USING (person_id)
             WHERE merged_into IS NULL AND split_at IS NULL ORDER BY person_id`,
      values: [indexes.flat()],
    })
    const people = new Map(rows.map((row) => [row.person_id, row]))
    const candidates = new Map((await this.#toCandidates([...people.values()])).map((each) => [each.person, each]))
    const byIndex = new Map<string, PersonId[]>()
    for (const { candidate_index, person_id } of rows) {
      const index = candidate_index.toString('hex')
      byIndex.set(index, [...(byIndex.get(index) ?? []), person_id])
    }
    return indexes.map((own) => {
      const found = own.flatMap((index) => byIndex.get(index.toString('hex')) ?? [])
      return [...new Set(found)].flatMap((person) => candidates.get(person) ?? [])
    })
  }

  /** These entries, as candidates. */
  async read(people: readonly PersonId[]): Promise<Candidate[]> {
    const { rows } = await this.#db.query<PersonRow>(
      'SELECT person_id, pivot, deceased_on FROM person WHERE person_id = ANY($1) ORDER BY person_id',
      [people],
    )
    return this.#toCandidates(rows)
  }

  async #toCandidates(people: readonly PersonRow[]): Promise<Candidate[]> {
    if (people.length === 0) return []
    const { rows: former } = await this.#db.query<Omit<PersonRow, 'deceased_on'>>({
      name: 'former-pivots',
      text: 'SELECT person_id, pivot FROM former_pivot WHERE person_id = ANY($1) ORDER BY replaced_at',
      values: [people.map(({ person_id }) => person_id)],
    })
    return people.map(({ person_id: person, pivot, deceased_on }) => ({
      person,
      pivot: this.#key.decrypt(person, pivot),
      former: former.filter(({ person_id }) => person_id === person).map((row) => this.#key.decrypt(person, row.pivot)),
      isDeceased: deceased_on !== null,
    }))
  }

  /** For each of these people who is registered, the entry that stands for them now. */
  async living(people: readonly PersonId[]): Promise<Map<PersonId, LivingEntry>> {
    const { rows } = await this.#db.query<{
      asked: PersonId
      person: PersonId
      deceased_on: string | null
      is_split: boolean
    }>(
      `SELECT first.person_id AS asked, last.person_id AS person, last.deceased_on, last.split_at IS NOT NULL AS is_split
       FROM person first JOIN person last ON last.person_id = coalesce(first.merged_into, first.person_id)
       WHERE first.person_id = ANY($1)`,
      [people],
    )
    return new Map(
      rows.map(({ asked, person, deceased_on, is_split }) => [
        asked,
        { person, deceasedOn: deceased_on ?? undefined, isSplit: is_split },
      ]),
    )
  }

  /** For each of these people, themselves and all entries that were merged into them. */
  async withMerged(people: readonly PersonId[]): Promise<Map<PersonId, PersonId[]>> {
    const { rows } = await this.#db.query<{ person_id: PersonId; merged_into: PersonId }>(
      'SELECT person_id, merged_into FROM person WHERE merged_into = ANY($1) ORDER BY person_id',
      [people],
    )
    const all = new Map(people.map((person) => [person, [person]]))
    for (const { person_id, merged_into } of rows) all.get(merged_into)?.push(person_id)
    return all
  }

  /** Gives keys to some of those whom the version before has entered; answers how many. */
  async addMissingKeys(most: number): Promise<number> {
    const { rows } = await this.#db.query<PersonRow>(
      'SELECT person_id, pivot, deceased_on FROM person WHERE keys_version = 0 LIMIT $1',
      [most],
    )
    for (const { person_id: person, pivot } of rows) {
      const held = this.#key.heldIndexes(this.#key.decrypt(person, pivot))
      await this.#db.query(
        `WITH keyed AS (INSERT INTO candidate_key (candidate_index, person_id)
                        SELECT DISTINCT unnest($2::bytea[]), $1::uuid ON CONFLICT DO NOTHING)
         UPDATE person SET keys_version = ${keysVersion} WHERE person_id = $1`,
        [person, held],
      )
    }
    return rows.length
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
