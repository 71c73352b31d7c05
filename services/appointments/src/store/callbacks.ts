import { decrypt, encrypt } from '@unefois/chassis/cipher'
import type { FileKeys } from '@unefois/chassis/file-keys'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { AppointmentFile } from '@unefois/proto/gen/unefois/appointments/v1/appointment_file'
import { type Callback, CallbackState } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import type { CallbackStateName, Tried } from '../domain/callback.js'
import { isProtected } from './protected-subjects.js'

/** What of a callback only its file says. */
export type CallbackSaid = Pick<
  Callback,
  'telephone' | 'about' | 'language' | 'requestedAtMs' | 'endedAtMs' | 'calledBy'
>

/** Somebody who wants to be called; times in milliseconds since 1970. */
export interface KeptCallback extends Tried {
  readonly callbackId: string
  readonly subject: string
  readonly serviceTypeId: string
  readonly placeId: string
  readonly practitionerNo: number
  readonly isByPerson: boolean
  readonly dueAtMs: number
  readonly deleteAfterMs: number
  readonly said: CallbackSaid
}

/** Where a page ends: the callback's due time and id. */
export interface CallbackPlace {
  readonly dueAtMs: number
  readonly callbackId: string
}

interface Row {
  readonly callback_id: string
  readonly subject: string
  readonly service_type_id: string
  readonly place_id: string
  readonly practitioner_no: number
  readonly is_by_person: boolean
  readonly state: CallbackStateName
  readonly due_at_ms: number
  readonly tries: number
  readonly delete_after_ms: number
  readonly content: Buffer
  readonly wrapped: Buffer | null
}

interface Needs {
  readonly postgres: Queryable
  readonly fileKeys: FileKeys
}

const select = 'SELECT callback.*, wrapped FROM callback LEFT JOIN appointments_keys.file_key ON file_id = callback_id'

const contextOf = (callbackId: string): string => `callback ${callbackId}`

/** People who want to be called; the number and the words are encrypted with a key of their own. */
export class Callbacks {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Whoever asks for a callback waits here: callbacks are counted, by person and by who calls. */
  async lockCounts(tx: Transaction): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('callback'))`)
  }

  /** How many a person has open by their own hand. */
  async countOpen(tx: Transaction, subject: string): Promise<number> {
    const { rows } = await tx.query<{ open: number }>(
      `SELECT count(*) AS open FROM callback
       WHERE subject = (SELECT standing_subject($1)) AND state = 'open' AND is_by_person`,
      [subject],
    )
    return rows[0]?.open ?? 0
  }

  /** How many each of these practitioners has to call; none is absent. */
  async openOf(tx: Transaction, practitionerNos: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const { rows } = await tx.query<{ practitioner_no: number; open: number }>(
      `SELECT practitioner_no, count(*) AS open FROM callback
       WHERE practitioner_no = ANY($1) AND state = 'open' GROUP BY practitioner_no`,
      [practitionerNos],
    )
    return new Map(rows.map((row) => [row.practitioner_no, row.open]))
  }

  /** Keeps a new one; answers it with the pseudonym that stands. */
  async insert(tx: Transaction, kept: KeptCallback): Promise<KeptCallback> {
    const { callbackId, subject, serviceTypeId, placeId, practitionerNo, isByPerson } = kept
    const content = this.#sealed(await this.#needs.fileKeys.draw(tx, callbackId), kept)
    const { rows } = await tx.query<{ subject: string }>(
      `INSERT INTO callback (callback_id, subject, service_type_id, place_id, practitioner_no, is_by_person, state, due_at_ms,
                             tries, delete_after_ms, content)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING subject`,
      [
        ...[callbackId, subject, serviceTypeId, placeId, practitionerNo, isByPerson, kept.state, kept.dueAtMs],
        ...[kept.tries, kept.deleteAfterMs, content],
      ],
    )
    return { ...kept, ...rows[0] }
  }

  /** One callback, locked; undefined also when its key was deleted. */
  async lock(tx: Transaction, callbackId: string): Promise<KeptCallback | undefined> {
    const { rows } = await tx.query<Row>(`${select} WHERE callback_id = $1 FOR UPDATE OF callback`, [callbackId])
    return rows.map((row) => this.#open(row))[0]
  }

  /** Keeps what became of a locked one. */
  async saveTried(tx: Transaction, kept: KeptCallback): Promise<void> {
    const { callbackId, state, tries, deleteAfterMs } = kept
    const key = await this.#needs.fileKeys.of(tx, callbackId)
    if (!key) throw new Error(`the key of callback ${callbackId} was deleted while it was locked`)
    await tx.query(
      'UPDATE callback SET state = $2, tries = $3, delete_after_ms = $4, content = $5 WHERE callback_id = $1',
      [callbackId, state, tries, deleteAfterMs, this.#sealed(key, kept)],
    )
  }

  /** At most `limit` after a place in the order of due times: a person's, the one of an id, or all open ones. */
  async list(
    after: CallbackPlace,
    wanted: {
      readonly subject: string | undefined
      readonly practitionerNo: number | undefined
      readonly callbackId: string | undefined
      /** Those that have ended and were due before are left out. */
      readonly dueFromMs: number | undefined
      /** People who are protected at this instant are as if they were not there; undefined: everybody is. */
      readonly unprotectedAtMs: number | undefined
    },
    limit: number,
  ): Promise<{ readonly callbacks: readonly KeptCallback[]; readonly upTo: CallbackPlace | undefined }> {
    const values: unknown[] = [after.dueAtMs, after.callbackId, limit]
    const also = (condition: string, value: unknown): string => condition.replace('?', `$${values.push(value)}`)
    const { subject, practitionerNo, callbackId, dueFromMs, unprotectedAtMs: atMs } = wanted
    const ofPerson = subject === undefined ? [] : [also('subject = (SELECT standing_subject(?))', subject)]
    const ofId = callbackId === undefined ? [] : [also('callback_id = ?', callbackId)]
    const named = [...ofPerson, ...ofId]
    const whose = named.length > 0 ? named.join(' AND ') : `state = 'open'`
    const ofWhom = practitionerNo === undefined ? '' : also('AND practitioner_no = ?', practitionerNo)
    const since = dueFromMs === undefined ? '' : also(`AND (state = 'open' OR due_at_ms >= ?)`, dueFromMs)
    const unprotected =
      atMs === undefined ? '' : also(`AND NOT ${isProtected('callback.subject', '?')}`, Math.floor(atMs))
    const { rows } = await this.#needs.postgres.query<Row>(
      `${select} WHERE (due_at_ms, callback_id) > ($1, $2) AND ${whose} ${ofWhom} ${since} ${unprotected}
       ORDER BY due_at_ms, callback_id LIMIT $3`,
      values,
    )
    const last = rows.length === limit ? rows.at(-1) : undefined
    return {
      callbacks: rows.flatMap((row) => this.#open(row) ?? []),
      upTo: last && { dueAtMs: last.due_at_ms, callbackId: last.callback_id },
    }
  }

  /** Deletes what its retention no longer covers, and its keys. */
  async deleteEnded(nowMs: number): Promise<void> {
    await this.#needs.postgres.query(
      `WITH ended AS (DELETE FROM callback WHERE delete_after_ms <= $1 RETURNING callback_id)
       DELETE FROM appointments_keys.file_key USING ended WHERE file_id = ended.callback_id`,
      [Math.floor(nowMs)],
    )
  }

  #sealed(key: Uint8Array, { callbackId, said }: KeptCallback): Buffer {
    const value = {
      ...{ callbackId: '', subject: '', serviceTypeId: '', placeId: '', practitionerId: '', practitionerShown: '' },
      ...{ state: CallbackState.CALLBACK_STATE_UNSPECIFIED, dueAtMs: 0, tries: 0 },
      ...said,
    }
    const file = AppointmentFile.encode({ kept: { $case: 'callback', value } })
    return encrypt(key, file.finish(), contextOf(callbackId))
  }

  #open(row: Row): KeptCallback | undefined {
    if (!row.wrapped) return undefined
    const key = this.#needs.fileKeys.unwrap(row.callback_id, row.wrapped)
    const { kept } = AppointmentFile.decode(decrypt(key, row.content, contextOf(row.callback_id)))
    if (kept?.$case !== 'callback') throw new Error(`the file of callback ${row.callback_id} is another one`)
    const { telephone, about, language, requestedAtMs, endedAtMs, calledBy } = kept.value
    return {
      callbackId: row.callback_id,
      subject: row.subject,
      serviceTypeId: row.service_type_id,
      placeId: row.place_id,
      practitionerNo: row.practitioner_no,
      isByPerson: row.is_by_person,
      state: row.state,
      dueAtMs: row.due_at_ms,
      tries: row.tries,
      deleteAfterMs: row.delete_after_ms,
      said: { telephone, about, language, requestedAtMs, endedAtMs, calledBy },
    }
  }
}
