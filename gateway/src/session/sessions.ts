import type { Clock } from '@unefois/chassis/clock'
import type { Queryable } from '@unefois/chassis/postgres'
import type { AccessToken } from '../login/token-exchange.js'
import { hashOf, randomSecret, type SessionSecrets } from './secrets.js'

/** A person's session; `id` is the cookie's value. */
export interface Session {
  readonly id: string
  readonly accessToken: string
  /** To be sent back with each form. */
  readonly formToken: string
}

interface Needs {
  readonly postgres: Queryable
  readonly secrets: SessionSecrets
  readonly clock: Clock
  readonly sessionSeconds: number
}

/** Sessions in PostgreSQL: known by the hash of their id, with the access token encrypted, so that a copy opens none. */
export class Sessions {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Opens a session under a new id, never one that the browser brought. */
  async open({ token, expiresAtMs }: AccessToken): Promise<{ id: string; expiresAtMs: number }> {
    const { postgres, secrets, clock, sessionSeconds } = this.#needs
    const id = randomSecret()
    const endsAtMs = Math.min(clock.nowMs() + sessionSeconds * 1000, expiresAtMs)
    await postgres.query(
      'INSERT INTO session (id_hash, access_token, expires_at) VALUES ($1, $2, to_timestamp($3::float8 / 1000))',
      [hashOf(id), secrets.encrypt(token, hashOf(id)), endsAtMs],
    )
    return { id, expiresAtMs: endsAtMs }
  }

  async find(id: string): Promise<Session | undefined> {
    const { postgres, secrets, clock } = this.#needs
    const { rows } = await postgres.query<{ access_token: Buffer }>(
      'SELECT access_token FROM session WHERE id_hash = $1 AND expires_at > to_timestamp($2::float8 / 1000)',
      [hashOf(id), clock.nowMs()],
    )
    const accessToken = rows[0] && secrets.decrypt(rows[0].access_token, hashOf(id))
    return accessToken === undefined ? undefined : { id, accessToken, formToken: secrets.formToken(id) }
  }

  async close(id: string): Promise<void> {
    await this.#needs.postgres.query('DELETE FROM session WHERE id_hash = $1', [hashOf(id)])
  }
}
