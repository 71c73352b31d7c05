import { randomUUID } from 'node:crypto'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { MeshError } from '@unefois/proto/reasons'
import { type AgencyEventType, eventsKeptMs } from '../domain/agency-event.js'

/** The channel on which PostgreSQL tells every process of the service that the feed has grown. */
export const feedChannel = 'agency_event'

/** An event of the feed as it is read. */
export interface AgencyEvent {
  readonly position: number
  readonly eventId: string
  readonly type: AgencyEventType
  readonly reference: string
  readonly occurredAtMs: number
}

/** Events after a position, and where the next answer goes on. */
export interface EventPage {
  readonly events: readonly AgencyEvent[]
  readonly upTo: number
}

interface Row {
  readonly position: number
  readonly event_id: string
  readonly type: AgencyEventType
  readonly reference: string
  readonly occurred_at_ms: number
}

/** An event that is to join the feed. `reference` is a UUID of what happened; nothing else of it is kept. */
export interface AgencyEventTold {
  readonly type: AgencyEventType
  readonly reference: string
  readonly occurredAtMs: number
}

/**
 * Adds events to the agency's feed, in the caller's transaction: as its last lock, since whoever adds an event waits here for those
 * who came first.
 */
export const addAgencyEvents = async (tx: Transaction, events: readonly AgencyEventTold[]): Promise<void> => {
  if (events.length === 0) return
  const at = events.map(({ occurredAtMs }) => Math.floor(occurredAtMs))
  // A position that were committed late would be missed by who has read on, so the lock comes before the first of them. The schema
  // tells the services of one database apart, which share their channels; told at commit, never before.
  await tx.query({
    name: 'agency-events-add',
    text: `WITH locked AS MATERIALIZED (
             SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('agency_event'))),
           added AS (
             INSERT INTO agency_event (event_id, type, reference, occurred_at_ms, keep_until_ms)
             SELECT event_id, type, reference, at_ms, keep_until_ms
             FROM locked, unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[])
               WITH ORDINALITY AS told (event_id, type, reference, at_ms, keep_until_ms, nr) ORDER BY nr)
           SELECT pg_notify('${feedChannel}', current_schema())`,
    values: [
      events.map(() => randomUUID()),
      events.map(({ type }) => type),
      events.map(({ reference }) => reference),
      at,
      at.map((atMs) => atMs + eventsKeptMs),
    ],
  })
}

/** Adds one event, as `addAgencyEvents`. */
export const addAgencyEvent = (
  tx: Transaction,
  type: AgencyEventType,
  reference: string,
  occurredAtMs: number,
): Promise<void> => addAgencyEvents(tx, [{ type, reference, occurredAtMs }])

/** The feed of events for this agency's systems. */
export class AgencyEvents {
  readonly #db: Queryable

  constructor(db: Queryable) {
    this.#db = db
  }

  /**
   * At most `limit` after a position, of these types or (none given) of all.
   * Error: POSITION_TOO_OLD when events after this position were deleted already.
   */
  async after(position: number, types: readonly AgencyEventType[], limit: number): Promise<EventPage> {
    const { rows } = await this.#db.query<Row & { readonly deleted: number; readonly newest: number }>({
      name: `agency-events-${types.length > 0}`,
      text: `SELECT d.position AS deleted, COALESCE((SELECT max(position) FROM agency_event), d.position) AS newest, e.*
             FROM agency_event_deleted AS d LEFT JOIN LATERAL (
               SELECT position, event_id, type, reference, occurred_at_ms FROM agency_event
               WHERE position > $1 ${types.length > 0 ? 'AND type = ANY($3::text[])' : ''}
               ORDER BY position LIMIT $2) AS e ON true ORDER BY e.position`,
      values: types.length > 0 ? [position, limit, types] : [position, limit],
    })
    const [first] = rows
    if (!first || (position !== 0 && position < first.deleted)) throw new MeshError('POSITION_TOO_OLD')
    const events = rows.filter(({ event_id }) => event_id !== null).map(toEvent)
    // A page that is not full has seen everything that this statement saw, whatever its types.
    const upTo = events.length === limit ? (events.at(-1)?.position ?? position) : Math.max(position, first.newest)
    return { events, upTo }
  }

  /** Deletes what is kept no longer, and remembers up to where; answers how many. */
  async deleteEnded(nowMs: number): Promise<number> {
    const ended = await this.#db.query<{ gone: number }>(
      `WITH gone AS (DELETE FROM agency_event WHERE keep_until_ms <= $1 RETURNING position),
       kept AS (UPDATE agency_event_deleted SET position = GREATEST(agency_event_deleted.position, newest)
                FROM (SELECT max(position) AS newest FROM gone) AS g WHERE newest IS NOT NULL)
       SELECT count(*) AS gone FROM gone`,
      [Math.floor(nowMs)],
    )
    return ended.rows[0]?.gone ?? 0
  }
}

const toEvent = (row: Row): AgencyEvent => ({
  position: row.position,
  eventId: row.event_id,
  type: row.type,
  reference: row.reference,
  occurredAtMs: row.occurred_at_ms,
})
