import type { Queryable } from '@unefois/chassis/postgres'
import type { PersonId } from '../domain/person.js'
import type { RegisterKey } from '../register-key.js'

/** What a protection rests on and who recorded it. */
export interface ProtectionContent {
  readonly ground: number
  readonly reference: string
  readonly clientId: string
  readonly decidedBy: string
}

export interface RecordedProtection {
  readonly id: string
  /** The member that recorded it. */
  readonly member: string
  readonly people: readonly PersonId[]
  readonly untilMs: number
  readonly content: ProtectionContent
  readonly endedAtMs: number | undefined
}

/** By whom and why a protection was ended before its day. */
export interface Ending {
  readonly member: string
  readonly clientId: string
  readonly decidedBy: string
  readonly why: string
}

/** The protections of one person that stand: until when, and which. */
export interface StandingProtection {
  readonly untilMs: number
  readonly protections: readonly string[]
}

interface Row {
  readonly protection_id: string
  readonly member: string
  readonly until_ms: number
  readonly content: Buffer
  readonly ended_at_ms: number | null
  readonly people: PersonId[]
}

/** Who is protected, and on what it rests; each method runs in the caller's transaction. */
export class ProtectionStore {
  readonly #db: Queryable
  readonly #key: RegisterKey

  constructor(db: Queryable, key: RegisterKey) {
    this.#db = db
    this.#key = key
  }

  /** False when there is one of this id, which then stays as it is. */
  async insert(protection: Omit<RecordedProtection, 'endedAtMs'>, nowMs: number): Promise<boolean> {
    const { id, member, people, untilMs, content } = protection
    const { rowCount } = await this.#db.query(
      `INSERT INTO protection (protection_id, member, recorded_at_ms, until_ms, content) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING`,
      [id, member, Math.floor(nowMs), untilMs, this.#key.encryptText(`protection ${id}`, JSON.stringify(content))],
    )
    if (rowCount === 0) return false
    await this.#db.query('INSERT INTO protected_person (protection_id, person_id) SELECT $1, unnest($2::uuid[])', [
      id,
      people,
    ])
    return true
  }

  /** One protection, which nobody else ends before this transaction does. */
  async lock(id: string): Promise<RecordedProtection | undefined> {
    const { rows } = await this.#db.query<Row>(
      `SELECT protection_id, member, until_ms, content, ended_at_ms, ARRAY(
         SELECT person_id::text FROM protected_person WHERE protection_id = p.protection_id ORDER BY person_id) AS people
       FROM protection AS p WHERE protection_id = $1 FOR UPDATE`,
      [id],
    )
    const [row] = rows
    return (
      row && {
        id: row.protection_id,
        member: row.member,
        people: row.people,
        untilMs: row.until_ms,
        content: JSON.parse(this.#key.decryptText(`protection ${row.protection_id}`, row.content)),
        endedAtMs: row.ended_at_ms ?? undefined,
      }
    )
  }

  async end(id: string, ending: Ending, atMs: number): Promise<void> {
    await this.#db.query('UPDATE protection SET ended_at_ms = $2, ending = $3 WHERE protection_id = $1', [
      id,
      atMs,
      this.#key.encryptText(`end of protection ${id}`, JSON.stringify(ending)),
    ])
  }

  /** Those of these people who are protected at this instant. */
  async standing(people: readonly PersonId[], nowMs: number): Promise<ReadonlyMap<PersonId, StandingProtection>> {
    if (people.length === 0) return new Map()
    const { rows } = await this.#db.query<{ person_id: PersonId; until_ms: number; protections: string[] }>({
      name: 'standing-protections',
      text: `SELECT person_id, max(until_ms) AS until_ms, array_agg(protection_id::text ORDER BY protection_id) AS protections
             FROM protected_person JOIN protection USING (protection_id)
             WHERE person_id = ANY($1) AND ended_at_ms IS NULL AND until_ms > $2 GROUP BY person_id`,
      values: [people, Math.floor(nowMs)],
    })
    return new Map(rows.map((row) => [row.person_id, { untilMs: row.until_ms, protections: row.protections }]))
  }

  /** Everybody who is protected at this instant. */
  async everybody(nowMs: number): Promise<PersonId[]> {
    const { rows } = await this.#db.query<{ person_id: PersonId }>(
      `SELECT DISTINCT person_id FROM protected_person JOIN protection USING (protection_id)
       WHERE ended_at_ms IS NULL AND until_ms > $1 ORDER BY person_id`,
      [Math.floor(nowMs)],
    )
    return rows.map((row) => row.person_id)
  }

  /** Each of these people has the protections of the first, who may be one of them or stand for nobody any more. */
  async pass(from: PersonId, to: readonly PersonId[]): Promise<void> {
    await this.#db.query(
      `INSERT INTO protected_person (protection_id, person_id)
       SELECT protection_id, heir FROM protected_person, unnest($2::uuid[]) AS heir WHERE person_id = $1
       ON CONFLICT DO NOTHING`,
      [from, to],
    )
    await this.#db.query('DELETE FROM protected_person WHERE person_id = $1 AND person_id <> ALL($2)', [from, to])
  }

  /** Forgets what ended before this instant. */
  async forgetEndedBefore(atMs: number): Promise<void> {
    await this.#db.query('DELETE FROM protection WHERE least(until_ms, ended_at_ms) < $1', [Math.floor(atMs)])
  }
}
