import { decrypt, encrypt } from '@unefois/chassis/cipher'
import type { FileKeys } from '@unefois/chassis/file-keys'
import { AppointmentFile } from '@unefois/proto/gen/unefois/appointments/v1/appointment_file'
import { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { type Waiting, WaitingState } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import type { KeptWaiting, WaitingStateName } from '../domain/waiting.js'

export interface WaitingRow {
  readonly position: number
  readonly waiting_id: string
  readonly subject: string
  readonly service_type_id: string
  readonly place_ids: string[]
  readonly channel: MeetingChannel
  readonly from_ms: number
  readonly until_ms: number
  readonly is_by_person: boolean
  readonly passed_ms: readonly (string | number)[]
  readonly state: WaitingStateName
  readonly appointment_id: string | null
  readonly offered_until_ms: number | null
  readonly delete_after_ms: number
  readonly content: Buffer
  readonly wrapped: Buffer | null
}

const contextOf = (waitingId: string): string => `waiting ${waitingId}`

/** What stands in columns is not kept a second time: of a person who is renamed the row alone changes. */
export const sealedWaiting = (key: Uint8Array, { waitingId, said }: KeptWaiting): Buffer => {
  const value: Waiting = {
    ...{ waitingId: '', subject: '', serviceTypeId: '', placeIds: [], appointmentId: '', offeredUntilMs: 0 },
    ...{ channel: MeetingChannel.MEETING_CHANNEL_UNSPECIFIED, state: WaitingState.WAITING_STATE_UNSPECIFIED },
    ...said,
  }
  return encrypt(key, AppointmentFile.encode({ kept: { $case: 'waiting', value } }).finish(), contextOf(waitingId))
}

/** A waiting as its row keeps it; undefined where its key was deleted. */
export const waitingOf = (row: WaitingRow, fileKeys: FileKeys): KeptWaiting | undefined => {
  if (!row.wrapped) return undefined
  const key = fileKeys.unwrap(row.waiting_id, row.wrapped)
  const { kept } = AppointmentFile.decode(decrypt(key, row.content, contextOf(row.waiting_id)))
  if (kept?.$case !== 'waiting') throw new Error(`the file of waiting ${row.waiting_id} is another one`)
  const { fromDay, toDay, booksByItself, offerMinutes, needs, contact, language, sinceMs, slot, mandate } = kept.value
  return {
    position: row.position,
    waitingId: row.waiting_id,
    subject: row.subject,
    serviceTypeId: row.service_type_id,
    placeIds: row.place_ids,
    channel: row.channel,
    fromMs: row.from_ms,
    untilMs: row.until_ms,
    isByPerson: row.is_by_person,
    passedMs: row.passed_ms.map(Number),
    state: row.state,
    appointmentId: row.appointment_id ?? undefined,
    offeredUntilMs: row.offered_until_ms ?? undefined,
    deleteAfterMs: row.delete_after_ms,
    said: { fromDay, toDay, booksByItself, offerMinutes, needs, contact, language, sinceMs, slot, mandate },
  }
}
