import type { Clock } from '@unefois/chassis/clock'
import type { Queryable } from '@unefois/chassis/postgres'
import { z } from 'zod'
import { hashOf, type SessionSecrets } from './secrets.js'

const attemptMs = 15 * 60_000

const attemptSecrets = z.strictObject({ nonce: z.string(), codeVerifier: z.string(), returnTo: z.string() })
export type LoginAttempt = z.infer<typeof attemptSecrets>

interface Needs {
  readonly postgres: Queryable
  readonly secrets: SessionSecrets
  readonly clock: Clock
}

/** Logins under way: each is taken up once, and only by the browser that began it (no login into another's account). */
export class LoginAttempts {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  async begin(state: string, browser: string, attempt: LoginAttempt): Promise<void> {
    const { postgres, secrets, clock } = this.#needs
    await postgres.query(
      `INSERT INTO login_attempt (state_hash, browser_hash, secrets, expires_at)
       VALUES ($1, $2, $3, to_timestamp($4::float8 / 1000))`,
      [
        hashOf(state),
        hashOf(browser),
        secrets.encrypt(JSON.stringify(attempt), hashOf(state)),
        clock.nowMs() + attemptMs,
      ],
    )
  }

  /** The attempt, and forgets it. */
  async take(state: string, browser: string): Promise<LoginAttempt | undefined> {
    const { postgres, secrets, clock } = this.#needs
    const { rows } = await postgres.query<{ secrets: Buffer }>(
      `DELETE FROM login_attempt WHERE state_hash = $1 AND browser_hash = $2
       AND expires_at > to_timestamp($3::float8 / 1000) RETURNING secrets`,
      [hashOf(state), hashOf(browser), clock.nowMs()],
    )
    const text = rows[0] && secrets.decrypt(rows[0].secrets, hashOf(state))
    return text === undefined ? undefined : attemptSecrets.parse(JSON.parse(text))
  }
}
