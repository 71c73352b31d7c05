import type { Queryable } from '@unefois/chassis/postgres'
import { MeshError } from '@unefois/proto/reasons'
import type { PersonId } from '../domain/person.js'

/** Which members know a person. */
export class AcquaintanceStore {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /**
   * A member knows these people from now on; answers those whom it did not know before. Error: UNAVAILABLE when one of them was merged or split
   * meanwhile, or the member would not be told of it.
   */
  async record(people: readonly PersonId[], member: string, nowMs: number): Promise<PersonId[]> {
    if (people.length === 0) return []
    const { rowCount } = await this.#db.query({
      name: 'hold-still',
      text: `SELECT 1 FROM person WHERE person_id = ANY($1) AND merged_into IS NULL AND split_at IS NULL
             ORDER BY person_id FOR KEY SHARE`,
      values: [people],
    })
    if (rowCount !== new Set(people).size) throw new MeshError('UNAVAILABLE')
    const { rows } = await this.#db.query<{ person_id: PersonId }>({
      name: 'record-acquaintances',
      text: `INSERT INTO acquaintance (person_id, member, since)
             SELECT DISTINCT person_id, $2::text, to_timestamp($3::float8 / 1000) FROM unnest($1::uuid[]) AS met (person_id)
             ORDER BY person_id ON CONFLICT DO NOTHING RETURNING person_id`,
      values: [people, member, nowMs],
    })
    return rows.map((row) => row.person_id)
  }

  /** In alphabetical order. */
  async membersOf(person: PersonId): Promise<string[]> {
    const { rows } = await this.#db.query<{ member: string }>(
      'SELECT member FROM acquaintance WHERE person_id = $1 ORDER BY member',
      [person],
    )
    return rows.map(({ member }) => member)
  }

  /** Every member that knows anybody. */
  async everyMember(): Promise<string[]> {
    const { rows } = await this.#db.query<{ member: string }>(
      'SELECT DISTINCT member FROM acquaintance ORDER BY member',
    )
    return rows.map(({ member }) => member)
  }
}
