import { randomUUID } from 'node:crypto'
import type { Queryable } from '@unefois/chassis/postgres'
import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { PersonId } from '../domain/person.js'
import type { RegisterKey } from '../register-key.js'

/** A change of the register as it is recorded. */
export interface PersonChange {
  readonly person: PersonId
  readonly kind: 'merged' | 'split' | 'deceased' | 'corrected'
  readonly clientId: string
  readonly decidedBy: string
  readonly why: string
  readonly atMs: number
}

/** Changes of entries; each method runs in the caller's transaction. */
export class ChangeStore {
  readonly #db: Queryable
  readonly #key: RegisterKey

  constructor(db: Queryable, key: RegisterKey) {
    this.#db = db
    this.#key = key
  }

  /** Nobody else changes these entries before this transaction ends. */
  async lock(people: readonly PersonId[]): Promise<void> {
    await this.#db.query('SELECT 1 FROM person WHERE person_id = ANY($1) ORDER BY person_id FOR UPDATE', [people])
  }

  async record({ person, kind, clientId, decidedBy, why, atMs }: PersonChange): Promise<void> {
    const id = randomUUID()
    await this.#db.query(
      `INSERT INTO person_change (change_id, person_id, kind, client_id, decided_by, why, at_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [id, person, kind, clientId, decidedBy, this.#key.encryptText(`change ${id}`, why), atMs],
    )
  }

  /** Gives the second all that was the first's: who knows it, its accounts and logins, and what it was registered as. */
  async merge(from: PersonId, into: PersonId, pivots: readonly PivotIdentity[], atMs: number): Promise<void> {
    await this.#db.query('UPDATE person SET merged_into = $2 WHERE person_id = $1 OR merged_into = $1', [from, into])
    await this.#db.query(
      `UPDATE person SET deceased_on = coalesce(deceased_on, (SELECT deceased_on FROM person WHERE person_id = $1))
       WHERE person_id = $2`,
      [from, into],
    )
    await this.#db.query(
      `INSERT INTO acquaintance (person_id, member, since) SELECT $2, member, since FROM acquaintance WHERE person_id = $1
       ON CONFLICT DO NOTHING`,
      [from, into],
    )
    await this.#db.query('UPDATE federated_login SET person_id = $2 WHERE person_id = $1', [from, into])
    await this.#db.query('UPDATE login_handle SET person_id = $2 WHERE person_id = $1', [from, into])
    await this.#db.query('DELETE FROM acquaintance WHERE person_id = $1', [from])
    for (const pivot of pivots) await this.#addFormer(into, pivot, atMs)
  }

  /** Retires an entry that stood for several people: nobody is found by it any more, and no login leads to it. */
  async split(person: PersonId, atMs: number): Promise<void> {
    // One of the people may be registered with the very pivot identity of the entry.
    const freed = this.#key.retiredIndex(person)
    await this.#db.query(
      'UPDATE person SET split_at = to_timestamp($2::float8 / 1000), pivot_index = $3 WHERE person_id = $1',
      [person, atMs, freed],
    )
    for (const table of ['candidate_key', 'federated_login', 'login_handle', 'acquaintance'])
      await this.#db.query(`DELETE FROM ${table} WHERE person_id = $1`, [person])
  }

  /** Records a death, or takes it back; logins of the dead end. */
  async recordDeath(person: PersonId, deceasedOn: string | undefined): Promise<void> {
    await this.#db.query('UPDATE person SET deceased_on = $2 WHERE person_id = $1', [person, deceasedOn ?? null])
    if (deceasedOn !== undefined) await this.#db.query('DELETE FROM login_handle WHERE person_id = $1', [person])
  }

  /** Replaces a pivot identity and keeps the one before; false when another entry has the new one. */
  async correct(person: PersonId, before: PivotIdentity, pivot: PivotIdentity, atMs: number): Promise<boolean> {
    const index = this.#key.pivotIndex(pivot)
    const { rowCount } = await this.#db.query(
      `UPDATE person SET pivot = $2, pivot_index = $3, candidate_index = $4
       WHERE person_id = $1 AND NOT EXISTS (SELECT 1 FROM person WHERE pivot_index = $3 AND person_id <> $1)`,
      [person, this.#key.encrypt(person, pivot), index, this.#key.candidateIndex(pivot)],
    )
    if (rowCount === 0) return false
    await this.#addKeys(person, pivot)
    await this.#addFormer(person, before, atMs)
    return true
  }

  /** True once for each epoch. */
  async announceEpoch(epoch: number, nowMs: number): Promise<boolean> {
    const { rowCount } = await this.#db.query(
      'INSERT INTO announced_epoch (epoch, announced_at) VALUES ($1, to_timestamp($2::float8 / 1000)) ON CONFLICT DO NOTHING',
      [epoch, nowMs],
    )
    return rowCount === 1
  }

  async #addFormer(person: PersonId, pivot: PivotIdentity, atMs: number): Promise<void> {
    await this.#db.query(
      'INSERT INTO former_pivot (person_id, pivot, replaced_at) VALUES ($1, $2, to_timestamp($3::float8 / 1000))',
      [person, this.#key.encrypt(person, pivot), atMs],
    )
    await this.#addKeys(person, pivot)
  }

  async #addKeys(person: PersonId, pivot: PivotIdentity): Promise<void> {
    await this.#db.query(
      'INSERT INTO candidate_key (candidate_index, person_id) SELECT DISTINCT unnest($2::bytea[]), $1::uuid ON CONFLICT DO NOTHING',
      [person, this.#key.heldIndexes(pivot)],
    )
  }
}
