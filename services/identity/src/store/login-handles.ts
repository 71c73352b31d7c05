import { createHash, randomBytes } from 'node:crypto'
import type { Queryable } from '@unefois/chassis/postgres'
import type { PersonId } from '../domain/person.js'
import type { Login } from '../domain/ticket-rule.js'

interface LoginRow {
  readonly member: string
  readonly person_id: PersonId
  readonly acr: string
  readonly auth_time_seconds: number
  readonly expires_at_seconds: number
}

const handleBytes = 32
const hashOf = (handle: string): Buffer => createHash('sha256').update(handle).digest()

/** Open logins, found by the hash of a handle that only the member it was opened for holds. */
export class LoginHandleStore {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /** Keeps a login; answers its handle, which is not kept. */
  async open(login: Login): Promise<string> {
    const handle = randomBytes(handleBytes).toString('base64url')
    await this.#db.query(
      `INSERT INTO login_handle (handle_sha256, member, person_id, acr, auth_time_seconds, expires_at)
       VALUES ($1, $2, $3, $4, $5, to_timestamp($6))`,
      [hashOf(handle), login.member, login.person, login.acr, login.authTimeSeconds, login.expiresAtSeconds],
    )
    return handle
  }

  /** The login behind a handle, whoever asks and however old it is. */
  async find(handle: string): Promise<Login | undefined> {
    const { rows } = await this.#db.query<LoginRow>({
      name: 'find-login',
      text: `SELECT member, person_id, acr, auth_time_seconds, extract(epoch FROM expires_at)::bigint AS expires_at_seconds
             FROM login_handle WHERE handle_sha256 = $1`,
      values: [hashOf(handle)],
    })
    const [row] = rows
    return (
      row && {
        member: row.member,
        person: row.person_id,
        acr: row.acr,
        authTimeSeconds: row.auth_time_seconds,
        expiresAtSeconds: row.expires_at_seconds,
      }
    )
  }

  /** Deletes logins that have ended. */
  async forgetExpired(nowMs: number): Promise<void> {
    await this.#db.query('DELETE FROM login_handle WHERE expires_at < to_timestamp($1::float8 / 1000)', [nowMs])
  }
}
