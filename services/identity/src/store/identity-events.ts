import type { Queryable, Transaction } from '@unefois/chassis/postgres'

/** An event of the identity authority as the agency keeps it. */
export interface StoredEvent {
  readonly position: number
  readonly type: string
  readonly data: Buffer
  readonly occurredAtMs: number
}

interface EventRow {
  readonly position: number
  readonly type: string
  readonly data: Buffer
  readonly occurred_at_ms: number
}

/** Keeps an event, in the transaction that also marks it as applied. */
export const keepEvent = async (
  db: Queryable,
  { type, data, occurredAtMs }: { readonly type: string; readonly data: Uint8Array; readonly occurredAtMs: number },
): Promise<void> => {
  await db.query('INSERT INTO identity_event (type, data, occurred_at_ms) VALUES ($1, $2, $3)', [
    type,
    Buffer.from(data),
    occurredAtMs,
  ])
}

/** Takes the events that went no further, in order; whoever else takes meanwhile waits, so that the order stays. */
export const takeWaiting = async (tx: Transaction): Promise<Pick<StoredEvent, 'type' | 'data'>[]> => {
  const { rows } = await tx.query<Pick<EventRow, 'position' | 'type' | 'data'>>(
    'SELECT position, type, data FROM identity_event WHERE NOT is_forwarded ORDER BY position FOR UPDATE',
  )
  if (rows.length === 0) return []
  await tx.query('UPDATE identity_event SET is_forwarded = true WHERE position = ANY($1)', [
    rows.map(({ position }) => position),
  ])
  return rows
}

/** Forgets what happened before this instant. */
export const forgetEventsBefore = async (db: Queryable, atMs: number): Promise<void> => {
  await db.query('DELETE FROM identity_event WHERE occurred_at_ms < $1', [Math.floor(atMs)])
}

/** Events after a position, in order, but for those of some types. */
export const eventsAfter = async (
  db: Queryable,
  position: number,
  most: number,
  butTypes: readonly string[],
): Promise<StoredEvent[]> => {
  const { rows } = await db.query<EventRow>({
    name: 'events-after',
    text: `SELECT position, type, data, occurred_at_ms FROM identity_event
           WHERE position > $1 AND type <> ALL($3) ORDER BY position LIMIT $2`,
    values: [position, most, butTypes],
  })
  return rows.map(({ occurred_at_ms, ...row }) => ({ ...row, occurredAtMs: occurred_at_ms }))
}
