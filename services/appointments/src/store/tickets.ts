import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Span } from '../domain/slots.js'
import type { TicketStateName } from '../domain/ticket.js'

/** Somebody's number at a place; times in milliseconds since 1970. */
export interface KeptTicket {
  readonly ticketId: string
  readonly placeId: string
  /** Local day of the place, YYYY-MM-DD. */
  readonly day: string
  readonly number: number
  readonly serviceTypeId: string
  readonly isUrgent: boolean
  /** Empty for whoever it is. */
  readonly subject: string
  readonly state: TicketStateName
  readonly takenAtMs: number
  readonly calledAtMs: number | undefined
  readonly untilMs: number | undefined
  readonly practitionerNo: number | undefined
  /** How many waiting tickets are called before it; 0 once it is called. */
  readonly before: number
}

interface Row {
  readonly ticket_id: string
  readonly place_id: string
  readonly day: string
  readonly number: number
  readonly service_type_id: string
  readonly is_urgent: boolean
  readonly subject: string
  readonly state: TicketStateName
  readonly taken_at_ms: number
  readonly called_at_ms: number | null
  readonly until_ms: number | null
  readonly practitioner_no: number | null
  readonly before: number
}

const columns = `ticket_id, place_id, day::text AS day, number, service_type_id, is_urgent, subject, state, taken_at_ms,
  called_at_ms, until_ms, practitioner_no,
  (CASE WHEN state = 'waiting' THEN
     (SELECT count(*) FROM ticket AS other WHERE other.place_id = ticket.place_id AND other.day = ticket.day
        AND other.state = 'waiting' AND (NOT other.is_urgent, other.number) < (NOT ticket.is_urgent, ticket.number))
   ELSE 0 END)::bigint AS before`

const ticketOf = (row: Row): KeptTicket => ({
  ticketId: row.ticket_id,
  placeId: row.place_id,
  day: row.day,
  number: row.number,
  serviceTypeId: row.service_type_id,
  isUrgent: row.is_urgent,
  subject: row.subject,
  state: row.state,
  takenAtMs: row.taken_at_ms,
  calledAtMs: row.called_at_ms ?? undefined,
  untilMs: row.until_ms ?? undefined,
  practitionerNo: row.practitioner_no ?? undefined,
  before: row.before,
})

/** What a message of the list holds at most. */
const mostListed = 500

/** People who came without an appointment, in the order in which they are called: urgent ones, then by number. */
export class Tickets {
  readonly #postgres: Queryable

  constructor(postgres: Queryable) {
    this.#postgres = postgres
  }

  /** Keeps a new ticket under the next number of its place and day; who takes one there at the same time waits for this one. */
  async insert(
    tx: Transaction,
    ticket: Pick<KeptTicket, 'ticketId' | 'placeId' | 'day' | 'serviceTypeId' | 'isUrgent' | 'subject' | 'takenAtMs'>,
  ): Promise<KeptTicket> {
    const { ticketId, placeId, day, serviceTypeId, isUrgent, subject, takenAtMs } = ticket
    // A statement of its own: the next one sees what was committed while this one waited.
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('ticket ' || $1))`, [placeId])
    await tx.query(
      `INSERT INTO ticket (ticket_id, place_id, day, number, service_type_id, is_urgent, subject, state, taken_at_ms)
       SELECT $1, $2, $3, COALESCE(max(number), 0) + 1, $4, $5, $6, 'waiting', $7
       FROM ticket WHERE place_id = $2 AND day = $3`,
      [ticketId, placeId, day, serviceTypeId, isUrgent, subject, takenAtMs],
    )
    return this.#only(tx, ticketId)
  }

  /** Whoever calls for the same practitioner waits here, before they lock a ticket that another one could call. */
  async lockCaller(tx: Transaction, practitionerNo: number): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('calls ' || $1))`, [
      practitionerNo.toString(),
    ])
  }

  /** Who is called next at a place for one of these service types, locked; nobody whom another call has locked. */
  async lockNext(
    tx: Transaction,
    placeId: string,
    day: string,
    serviceTypeIds: readonly string[],
  ): Promise<KeptTicket | undefined> {
    const { rows } = await tx.query<Row>(
      `SELECT ${columns} FROM ticket WHERE place_id = $1 AND day = $2 AND state = 'waiting' AND service_type_id = ANY($3)
       ORDER BY is_urgent DESC, number LIMIT 1 FOR UPDATE SKIP LOCKED`,
      [placeId, day, serviceTypeIds],
    )
    return rows.map(ticketOf)[0]
  }

  async isAnybodyWaiting(
    tx: Transaction,
    placeId: string,
    day: string,
    serviceTypeIds: readonly string[],
  ): Promise<boolean> {
    const { rows } = await tx.query<{ is_anybody: boolean }>(
      `SELECT EXISTS (SELECT FROM ticket WHERE place_id = $1 AND day = $2 AND state = 'waiting'
                      AND service_type_id = ANY($3)) AS is_anybody`,
      [placeId, day, serviceTypeIds],
    )
    return rows[0]?.is_anybody === true
  }

  async lock(tx: Transaction, ticketId: string): Promise<KeptTicket | undefined> {
    const { rows } = await tx.query<Row>(`SELECT ${columns} FROM ticket WHERE ticket_id = $1 FOR UPDATE`, [ticketId])
    return rows.map(ticketOf)[0]
  }

  /** Keeps that a practitioner called a locked ticket. */
  async call(
    tx: Transaction,
    ticketId: string,
    called: { readonly practitionerNo: number; readonly atMs: number; readonly untilMs: number },
  ): Promise<KeptTicket> {
    await tx.query(
      `UPDATE ticket SET state = 'called', practitioner_no = $2, called_at_ms = $3, until_ms = $4 WHERE ticket_id = $1`,
      [ticketId, called.practitionerNo, called.atMs, called.untilMs],
    )
    return this.#only(tx, ticketId)
  }

  /** Keeps how a locked ticket ended, and that it takes nobody's time from then on. */
  async close(tx: Transaction, ticketId: string, state: 'seen' | 'left', atMs: number): Promise<KeptTicket> {
    await tx.query('UPDATE ticket SET state = $2, until_ms = LEAST(until_ms, $3) WHERE ticket_id = $1', [
      ticketId,
      state,
      atMs,
    ])
    return this.#only(tx, ticketId)
  }

  /** The first tickets of a place and day in the order of calls; `states`: only those. */
  async list(placeId: string, day: string, states: readonly TicketStateName[]): Promise<KeptTicket[]> {
    const { rows } = await this.#postgres.query<Row>(
      `SELECT ${columns} FROM ticket WHERE place_id = $1 AND day = $2 AND state = ANY($3)
       ORDER BY is_urgent DESC, number LIMIT ${mostListed}`,
      [placeId, day, states],
    )
    return rows.map(ticketOf)
  }

  /** Frees what a ticket has of its practitioner from a moment on; answers that, where there was any. */
  async freeRest(tx: Transaction, ticketId: string, atMs: number): Promise<Span | undefined> {
    const { rows } = await tx.query<{ starts_at_ms: number; ends_at_ms: number }>(
      `WITH open AS (SELECT * FROM claim WHERE holder_id = $1 AND upper(during) > $2 FOR UPDATE),
       unused AS (DELETE FROM claim USING open WHERE claim.holder_id = $1 AND lower(open.during) >= $2),
       cut AS (UPDATE claim SET during = int8range(lower(claim.during), $2) FROM open
               WHERE claim.holder_id = $1 AND lower(open.during) < $2)
       SELECT GREATEST(lower(during), $2) AS starts_at_ms, upper(during) AS ends_at_ms FROM open`,
      [ticketId, atMs],
    )
    return rows.map((row) => ({ startsAtMs: row.starts_at_ms, endsAtMs: row.ends_at_ms }))[0]
  }

  /** Deletes tickets that were taken before a moment, and what they claimed. */
  async deleteTakenBefore(ms: number): Promise<void> {
    await this.#postgres.query(
      `WITH gone AS (DELETE FROM ticket WHERE taken_at_ms < $1 RETURNING ticket_id)
       DELETE FROM claim USING gone WHERE claim.holder_id = gone.ticket_id`,
      [Math.floor(ms)],
    )
  }

  async #only(tx: Transaction, ticketId: string): Promise<KeptTicket> {
    const { rows } = await tx.query<Row>(`SELECT ${columns} FROM ticket WHERE ticket_id = $1`, [ticketId])
    if (!rows[0]) throw new Error(`ticket ${ticketId} was deleted while it was locked`)
    return ticketOf(rows[0])
  }
}
