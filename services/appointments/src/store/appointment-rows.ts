import { decrypt, encrypt } from '@unefois/chassis/cipher'
import { AppointmentFile } from '@unefois/proto/gen/unefois/appointments/v1/appointment_file'
import { Appointment } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { type AppointmentSaid, type KeptAppointment, unsaid } from '../domain/appointment.js'
import type { StateName } from '../domain/appointment-state.js'

export interface AppointmentRow {
  readonly appointment_id: string
  readonly subject: string
  readonly service_type_id: string
  readonly schedule_no: number
  readonly place_id: string
  readonly practitioner_no: number | null
  readonly starts_at_ms: number
  readonly ends_at_ms: number
  readonly state: StateName
  readonly revision: number
  readonly motive: string
  readonly is_by_person: boolean
  readonly held_until_ms: number | null
  readonly series_id: string | null
  readonly visit_id: string | null
  readonly secret_sha256: Buffer | null
  readonly remind_at_ms: number | null
  readonly delete_after_ms: number
  readonly content: Buffer
  readonly wrapped: Buffer | null
}

const blank = Appointment.decode(new Uint8Array())

const contextOf = (appointmentId: string): string => `appointment ${appointmentId}`

/** What stands in columns is not kept a second time: of a person who is renamed the row alone changes. */
export const sealedSaid = (key: Uint8Array, { appointmentId, said }: KeptAppointment): Buffer => {
  const value = { ...blank, ...said }
  const file = AppointmentFile.encode({ kept: { $case: 'appointment', value } }).finish()
  return encrypt(key, file, contextOf(appointmentId))
}

const openedSaid = (key: Uint8Array, content: Buffer, appointmentId: string): AppointmentSaid => {
  const { kept } = AppointmentFile.decode(decrypt(key, content, contextOf(appointmentId)))
  if (kept?.$case !== 'appointment') throw new Error(`the file of appointment ${appointmentId} is empty`)
  const said = kept.value
  return Object.fromEntries(Object.keys(unsaid).map((name) => [name, said[name as keyof AppointmentSaid]])) as never
}

/** An appointment as its row keeps it, opened with its key. */
export const appointmentOf = (row: AppointmentRow, key: Uint8Array): KeptAppointment => ({
  appointmentId: row.appointment_id,
  subject: row.subject,
  serviceTypeId: row.service_type_id,
  scheduleNo: row.schedule_no,
  placeId: row.place_id,
  practitionerNo: row.practitioner_no ?? undefined,
  startsAtMs: row.starts_at_ms,
  endsAtMs: row.ends_at_ms,
  state: row.state,
  revision: row.revision,
  motive: row.motive,
  isByPerson: row.is_by_person,
  heldUntilMs: row.held_until_ms ?? undefined,
  seriesId: row.series_id ?? undefined,
  visitId: row.visit_id ?? undefined,
  secretSha256: row.secret_sha256 ?? undefined,
  remindAtMs: row.remind_at_ms ?? undefined,
  deleteAfterMs: row.delete_after_ms,
  said: openedSaid(key, row.content, row.appointment_id),
})

/** The columns of an appointment in the order in which they are inserted and updated, after its id and its content. */
export const appointmentColumns = [
  'subject',
  'service_type_id',
  'schedule_no',
  'place_id',
  'practitioner_no',
  'starts_at_ms',
  'ends_at_ms',
  'state',
  'revision',
  'motive',
  'is_by_person',
  'held_until_ms',
  'series_id',
  'visit_id',
  'secret_sha256',
  'remind_at_ms',
  'delete_after_ms',
] as const satisfies readonly (keyof AppointmentRow)[]

/** Their types in the database. */
export const columnTypes = {
  subject: 'text',
  service_type_id: 'text',
  schedule_no: 'int',
  place_id: 'text',
  practitioner_no: 'int',
  starts_at_ms: 'bigint',
  ends_at_ms: 'bigint',
  state: 'text',
  revision: 'int',
  motive: 'text',
  is_by_person: 'boolean',
  held_until_ms: 'bigint',
  series_id: 'uuid',
  visit_id: 'uuid',
  secret_sha256: 'bytea',
  remind_at_ms: 'bigint',
  delete_after_ms: 'bigint',
} as const satisfies Record<(typeof appointmentColumns)[number], string>

/** The values of these columns. */
export const appointmentValues = (kept: KeptAppointment): unknown[] => [
  kept.subject,
  kept.serviceTypeId,
  kept.scheduleNo,
  kept.placeId,
  kept.practitionerNo ?? null,
  kept.startsAtMs,
  kept.endsAtMs,
  kept.state,
  kept.revision,
  kept.motive,
  kept.isByPerson,
  kept.heldUntilMs ?? null,
  kept.seriesId ?? null,
  kept.visitId ?? null,
  kept.secretSha256 ?? null,
  kept.remindAtMs ?? null,
  kept.deleteAfterMs,
]
