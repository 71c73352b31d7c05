import type { FileKeys } from '@unefois/chassis/file-keys'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { Span } from '../domain/slots.js'
import type { TicketStateName } from '../domain/ticket.js'
import {
  type KeptTicket,
  sealedHands,
  selectTickets,
  type TicketHands,
  type TicketRow,
  ticketOf,
} from './ticket-rows.js'

type NewTicket = Pick<
  KeptTicket,
  'ticketId' | 'placeId' | 'day' | 'serviceTypeId' | 'isUrgent' | 'subject' | 'takenAtMs' | 'takenBy'
>

interface Needs {
  readonly postgres: Queryable
  readonly fileKeys: FileKeys
}

/** Where a ticket stands in the order of calls. */
export type TicketPosition = Pick<KeptTicket, 'isUrgent' | 'number'>

export interface WantedTickets {
  readonly placeId: string
  /** Local day of the place, YYYY-MM-DD. */
  readonly day: string
  readonly states: readonly TicketStateName[]
}

/**
 * People who came without an appointment, in the order in which they are called: urgent ones, then by number. Who took or called one is
 * encrypted with a key of its own.
 */
export class Tickets {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Keeps a new ticket under the next number of its place and day; who takes one there at the same time waits for this one. */
  async insert(tx: Transaction, ticket: NewTicket): Promise<KeptTicket> {
    const { ticketId, placeId, day, serviceTypeId, isUrgent, subject, takenAtMs, takenBy } = ticket
    const content = takenBy && (await this.#sealed(tx, { ticketId, takenBy, calledBy: undefined }))
    // A statement of its own: the next one sees what was committed while this one waited.
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('ticket ' || $1))`, [placeId])
    await tx.query(
      `INSERT INTO ticket (ticket_id, place_id, day, number, service_type_id, is_urgent, subject, state, taken_at_ms, content)
       SELECT $1, $2, $3, COALESCE(max(number), 0) + 1, $4, $5, $6, 'waiting', $7, $8
       FROM ticket WHERE place_id = $2 AND day = $3`,
      [ticketId, placeId, day, serviceTypeId, isUrgent, subject, takenAtMs, content ?? null],
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
    const { rows } = await tx.query<TicketRow>(
      `${selectTickets} WHERE place_id = $1 AND day = $2 AND state = 'waiting' AND service_type_id = ANY($3)
       ORDER BY is_urgent DESC, number LIMIT 1 FOR UPDATE OF ticket SKIP LOCKED`,
      [placeId, day, serviceTypeIds],
    )
    return rows.map((row) => ticketOf(row, this.#needs.fileKeys))[0]
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
    const { rows } = await tx.query<TicketRow>(`${selectTickets} WHERE ticket_id = $1 FOR UPDATE OF ticket`, [ticketId])
    return rows.map((row) => ticketOf(row, this.#needs.fileKeys))[0]
  }

  /** Keeps that a practitioner called a locked ticket, and who did so where that was said. */
  async call(
    tx: Transaction,
    { ticketId, takenBy }: KeptTicket,
    called: {
      readonly practitionerNo: number
      readonly atMs: number
      readonly untilMs: number
      readonly by: Hand | undefined
    },
  ): Promise<KeptTicket> {
    const content = called.by && (await this.#sealed(tx, { ticketId, takenBy, calledBy: called.by }))
    await tx.query(
      `UPDATE ticket SET state = 'called', practitioner_no = $2, called_at_ms = $3, until_ms = $4,
                         content = COALESCE($5, content) WHERE ticket_id = $1`,
      [ticketId, called.practitionerNo, called.atMs, called.untilMs, content ?? null],
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

  /** Tickets in the order of calls, at most so many; after a position, or from the first one on. */
  async list(
    { placeId, day, states }: WantedTickets,
    after: TicketPosition | undefined,
    most: number,
  ): Promise<KeptTicket[]> {
    const { rows } = await this.#needs.postgres.query<TicketRow>(
      `${selectTickets} WHERE place_id = $1 AND day = $2 AND state = ANY($3)
         AND ($4::boolean IS NULL OR (NOT is_urgent, number) > (NOT $4::boolean, $5::bigint))
       ORDER BY is_urgent DESC, number LIMIT $6`,
      [placeId, day, states, after?.isUrgent ?? null, after?.number ?? 0, most],
    )
    return rows.map((row) => ticketOf(row, this.#needs.fileKeys))
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

  /** Deletes tickets that were taken before a moment, their keys, and what they claimed. */
  async deleteTakenBefore(ms: number): Promise<void> {
    await this.#needs.postgres.query(
      `WITH gone AS (DELETE FROM ticket WHERE taken_at_ms < $1 RETURNING ticket_id),
       keys AS (DELETE FROM appointments_keys.file_key USING gone WHERE file_id = gone.ticket_id)
       DELETE FROM claim USING gone WHERE claim.holder_id = gone.ticket_id`,
      [Math.floor(ms)],
    )
  }

  /** Who had a hand in a ticket, under its key, which is drawn with the first of them. */
  async #sealed(tx: Transaction, { ticketId, ...hands }: TicketHands & Pick<KeptTicket, 'ticketId'>): Promise<Buffer> {
    const { fileKeys } = this.#needs
    const key = (await fileKeys.of(tx, ticketId)) ?? (await fileKeys.draw(tx, ticketId))
    return sealedHands(key, ticketId, hands)
  }

  async #only(tx: Transaction, ticketId: string): Promise<KeptTicket> {
    const { rows } = await tx.query<TicketRow>(`${selectTickets} WHERE ticket_id = $1`, [ticketId])
    if (!rows[0]) throw new Error(`ticket ${ticketId} was deleted while it was locked`)
    return ticketOf(rows[0], this.#needs.fileKeys)
  }
}
