import { createHash } from 'node:crypto'
import type { Postgres, Queryable, Transaction } from '@unefois/chassis/postgres'
import { MeshError } from '@unefois/proto/reasons'
import type { SessionSecrets } from '../session/secrets.js'
import { type Disabled, pauseAfterMs, secretOverlapMs } from './delivery-schedule.js'
import { newWebhookSecret } from './signed-event.js'

/** So many webhooks may one client have. */
export const mostWebhooks = 10

/** Where one client's events are delivered to. */
export interface StoredWebhook {
  readonly webhookId: string
  readonly clientId: string
  readonly url: string
  readonly types: readonly string[]
  readonly createdAtMs: number
  readonly position: string
  readonly attempts: number
  readonly dueAtMs: number
  readonly failingSinceMs: number | undefined
  readonly lastFailure: string | undefined
  readonly disabledAtMs: number | undefined
  readonly disabledBecause: Disabled | undefined
}

interface Row {
  readonly webhook_id: string
  readonly client_id: string
  readonly url: string
  readonly types: string[]
  readonly secret: Buffer
  readonly old_secret: Buffer | null
  readonly old_secret_until_ms: number | null
  readonly secret_key_hash: Buffer
  readonly created_at_ms: number
  readonly position: string
  readonly attempts: number
  readonly due_at_ms: number
  readonly failing_since_ms: number | null
  readonly last_failure: string | null
  readonly disabled_at_ms: number | null
  readonly disabled_because: Disabled | null
}

const toWebhook = (row: Row): StoredWebhook => ({
  webhookId: row.webhook_id,
  clientId: row.client_id,
  url: row.url,
  types: row.types,
  createdAtMs: row.created_at_ms,
  position: row.position,
  attempts: row.attempts,
  dueAtMs: row.due_at_ms,
  failingSinceMs: row.failing_since_ms ?? undefined,
  lastFailure: row.last_failure ?? undefined,
  disabledAtMs: row.disabled_at_ms ?? undefined,
  disabledBecause: row.disabled_because ?? undefined,
})

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** The id that a client's key always gives, so that a request that is sent twice makes one webhook. */
const idOf = (clientId: string, key: string): string => {
  const hex = sha256(`webhook\n${clientId}\n${key}`).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const rowOf = (webhookId: string): Buffer => Buffer.from(`webhook ${webhookId}`)
const isSameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each) => b.includes(each))

interface Needs {
  readonly postgres: Pick<Postgres, 'query' | 'transaction'>
  readonly secrets: Pick<SessionSecrets, 'encrypt' | 'decrypt'>
}

/** The webhooks of this gateway's clients; their secrets are encrypted at rest. */
export class Webhooks {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /**
   * Makes one, or answers the one that the same key made. Errors: WEBHOOK_LIMIT_REACHED, IDEMPOTENCY_KEY_REUSED for a key that
   * made another.
   */
  create(
    wish: {
      readonly clientId: string
      readonly url: string
      readonly types: readonly string[]
      readonly position: string
    },
    key: string,
    nowMs: number,
  ): Promise<{ readonly webhook: StoredWebhook; readonly secret: string }> {
    const { clientId, url, types, position } = wish
    const webhookId = idOf(clientId, key)
    return this.#needs.postgres.transaction(async (tx) => {
      await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('webhooks ' || $1))`, [
        clientId,
      ])
      const known = await this.#row(tx, clientId, webhookId)
      if (known) {
        const isSame = known.url === url && isSameSet(known.types, types) && known.secret_key_hash.equals(sha256(key))
        if (!isSame) throw new MeshError('IDEMPOTENCY_KEY_REUSED')
        return { webhook: toWebhook(known), secret: this.#open(known.secret, webhookId) }
      }
      const { rowCount } = await tx.query('SELECT 1 FROM webhook WHERE client_id = $1', [clientId])
      if ((rowCount ?? 0) >= mostWebhooks) throw new MeshError('WEBHOOK_LIMIT_REACHED')
      const secret = newWebhookSecret()
      const { rows } = await tx.query<Row>(
        `INSERT INTO webhook (webhook_id, client_id, url, types, secret, secret_key_hash, created_at_ms, position)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *`,
        [webhookId, clientId, url, types, this.#seal(secret, webhookId), sha256(key), Math.floor(nowMs), position],
      )
      return { webhook: toWebhook(rows[0] as Row), secret }
    })
  }

  /** Replaces the secret; the one before goes on signing for 24 hours. The same key again answers the same. Error: WEBHOOK_UNKNOWN. */
  rotate(
    clientId: string,
    webhookId: string,
    key: string,
    nowMs: number,
  ): Promise<{ secret: string; oldUntilMs: number }> {
    const { postgres } = this.#needs
    return postgres.transaction(async (tx) => {
      const known = await this.#row(tx, clientId, webhookId)
      if (!known) throw new MeshError('WEBHOOK_UNKNOWN')
      if (known.secret_key_hash.equals(sha256(key)))
        return { secret: this.#open(known.secret, webhookId), oldUntilMs: known.old_secret_until_ms ?? 0 }
      const secret = newWebhookSecret()
      const oldUntilMs = Math.floor(nowMs) + secretOverlapMs
      await tx.query(
        `UPDATE webhook SET old_secret = secret, old_secret_until_ms = $2, secret = $3, secret_key_hash = $4
         WHERE webhook_id = $1`,
        [webhookId, oldUntilMs, this.#seal(secret, webhookId), sha256(key)],
      )
      return { secret, oldUntilMs }
    })
  }

  async list(clientId: string): Promise<StoredWebhook[]> {
    const { rows } = await this.#needs.postgres.query<Row>(
      'SELECT * FROM webhook WHERE client_id = $1 ORDER BY webhook_id',
      [clientId],
    )
    return rows.map(toWebhook)
  }

  /** False when this client has no such webhook. */
  async delete(clientId: string, webhookId: string): Promise<boolean> {
    const { rowCount } = await this.#needs.postgres.query(
      'DELETE FROM webhook WHERE webhook_id = $1 AND client_id = $2',
      [webhookId, clientId],
    )
    return rowCount === 1
  }

  /** Takes delivery up again where it stopped, or at the beginning where that is kept no longer. Error: WEBHOOK_UNKNOWN. */
  async resume(clientId: string, webhookId: string): Promise<StoredWebhook> {
    const { rows } = await this.#needs.postgres.query<Row>(
      `UPDATE webhook SET disabled_at_ms = NULL, attempts = 0, due_at_ms = 0, failing_since_ms = NULL,
         position = CASE WHEN disabled_because = 'position-too-old' THEN '' ELSE position END, disabled_because = NULL
       WHERE webhook_id = $1 AND client_id = $2 RETURNING *`,
      [webhookId, clientId],
    )
    if (!rows[0]) throw new MeshError('WEBHOOK_UNKNOWN')
    return toWebhook(rows[0])
  }

  /** The ids of those to be delivered to now. */
  async due(nowMs: number): Promise<string[]> {
    const { rows } = await this.#needs.postgres.query<{ webhook_id: string }>(
      'SELECT webhook_id FROM webhook WHERE disabled_at_ms IS NULL AND due_at_ms <= $1',
      [Math.floor(nowMs)],
    )
    return rows.map((row) => row.webhook_id)
  }

  /** One webhook with the secrets that sign now; undefined when it is disabled, not due, or gone. */
  async ready(
    webhookId: string,
    nowMs: number,
  ): Promise<{ readonly webhook: StoredWebhook; readonly secrets: readonly string[] } | undefined> {
    const { rows } = await this.#needs.postgres.query<Row>(
      'SELECT * FROM webhook WHERE webhook_id = $1 AND disabled_at_ms IS NULL AND due_at_ms <= $2',
      [webhookId, Math.floor(nowMs)],
    )
    const [row] = rows
    if (!row) return undefined
    const isOverlapping = row.old_secret !== null && (row.old_secret_until_ms ?? 0) > nowMs
    const old = isOverlapping && row.old_secret ? [this.#open(row.old_secret, webhookId)] : []
    return { webhook: toWebhook(row), secrets: [this.#open(row.secret, webhookId), ...old] }
  }

  /** Everything up to this position was delivered. */
  async delivered(webhookId: string, position: string): Promise<void> {
    await this.#needs.postgres.query(
      `UPDATE webhook SET position = $2, attempts = 0, failing_since_ms = NULL, last_failure = NULL, due_at_ms = 0
       WHERE webhook_id = $1`,
      [webhookId, position],
    )
  }

  /** An attempt failed: it is made again later, unless the webhook is disabled by it. */
  async failed(
    { webhookId, attempts, failingSinceMs }: StoredWebhook,
    failure: string,
    disabled: Disabled | undefined,
    nowMs: number,
  ): Promise<void> {
    const now = Math.floor(nowMs)
    await this.#needs.postgres.query(
      `UPDATE webhook SET attempts = $2, failing_since_ms = $3, last_failure = $4, due_at_ms = $5, disabled_because = $6,
         disabled_at_ms = CASE WHEN $6::text IS NULL THEN NULL ELSE $7::bigint END
       WHERE webhook_id = $1`,
      [
        ...[webhookId, attempts + 1, failingSinceMs ?? now, failure, now + pauseAfterMs(attempts + 1)],
        ...[disabled ?? null, now],
      ],
    )
  }

  async #row(tx: Transaction & Queryable, clientId: string, webhookId: string): Promise<Row | undefined> {
    const { rows } = await tx.query<Row>('SELECT * FROM webhook WHERE webhook_id = $1 AND client_id = $2 FOR UPDATE', [
      webhookId,
      clientId,
    ])
    return rows[0]
  }

  #seal(secret: string, webhookId: string): Buffer {
    return this.#needs.secrets.encrypt(secret, rowOf(webhookId))
  }

  #open(sealed: Buffer, webhookId: string): string {
    const secret = this.#needs.secrets.decrypt(sealed, rowOf(webhookId))
    if (secret === undefined) throw new Error('a webhook was encrypted under another session key')
    return secret
  }
}
