import { decrypt, encrypt } from '@unefois/chassis/cipher'
import type { FileKeys } from '@unefois/chassis/file-keys'
import { AppointmentFile } from '@unefois/proto/gen/unefois/appointments/v1/appointment_file'
import { Ticket } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
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
  /** Who took it for them. */
  readonly takenBy: Hand | undefined
  /** Who called it. */
  readonly calledBy: Hand | undefined
  /** How many waiting tickets are called before it; 0 once it is called. */
  readonly before: number
}

export interface TicketRow {
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
  readonly content: Buffer | null
  readonly wrapped: Buffer | null
  readonly before: number
}

const columns = `ticket_id, place_id, day::text AS day, number, service_type_id, is_urgent, subject, state, taken_at_ms,
  called_at_ms, until_ms, practitioner_no, content, wrapped,
  (CASE WHEN state = 'waiting' THEN
     (SELECT count(*) FROM ticket AS other WHERE other.place_id = ticket.place_id AND other.day = ticket.day
        AND other.state = 'waiting' AND (NOT other.is_urgent, other.number) < (NOT ticket.is_urgent, ticket.number))
   ELSE 0 END)::bigint AS before`
/** Reads tickets with their keys. */
export const selectTickets = `SELECT ${columns} FROM ticket LEFT JOIN appointments_keys.file_key ON file_id = ticket_id`

const contextOf = (ticketId: string): string => `ticket ${ticketId}`

/** Who had a hand in a ticket. */
export type TicketHands = Pick<KeptTicket, 'takenBy' | 'calledBy'>

/** The same as its row keeps it. */
export const sealedHands = (key: Uint8Array, ticketId: string, { takenBy, calledBy }: TicketHands): Buffer => {
  const value = { ...Ticket.decode(new Uint8Array()), takenBy, calledBy }
  return encrypt(key, AppointmentFile.encode({ kept: { $case: 'ticket', value } }).finish(), contextOf(ticketId))
}

const handsOf = ({ ticket_id: ticketId, content, wrapped }: TicketRow, fileKeys: FileKeys): TicketHands => {
  if (!content || !wrapped) return { takenBy: undefined, calledBy: undefined }
  const { kept } = AppointmentFile.decode(decrypt(fileKeys.unwrap(ticketId, wrapped), content, contextOf(ticketId)))
  if (kept?.$case !== 'ticket') throw new Error(`the file of ticket ${ticketId} is another one`)
  const { takenBy, calledBy } = kept.value
  return { takenBy, calledBy }
}

/** A ticket as its row keeps it. */
export const ticketOf = (row: TicketRow, fileKeys: FileKeys): KeptTicket => ({
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
  ...handsOf(row, fileKeys),
  before: row.before,
})
