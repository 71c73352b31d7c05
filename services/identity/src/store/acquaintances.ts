import type { Queryable } from '@unefois/chassis/postgres'
import type { PersonId } from '../domain/person.js'

/** Which members know a person. */
export class AcquaintanceStore {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** A member knows a person from now on, if it did not before. */
  async record(person: PersonId, member: string, nowMs: number): Promise<void> {
    await this.#db.query({
      name: 'record-acquaintance',
      text: `INSERT INTO acquaintance (person_id, member, since)
             VALUES ($1, $2, to_timestamp($3::float8 / 1000)) ON CONFLICT DO NOTHING`,
      values: [person, member, nowMs],
    })
  }

  /** In alphabetical order. */
  async membersOf(person: PersonId): Promise<string[]> {
    const { rows } = await this.#db.query<{ member: string }>(
      'SELECT member FROM acquaintance WHERE person_id = $1 ORDER BY member',
      [person],
    )
    return rows.map(({ member }) => member)
  }
}
