import type { FileKeys } from '@unefois/chassis/file-keys'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Span } from '../domain/slots.js'
import type { KeptWaiting } from '../domain/waiting.js'
import { sealedWaiting, type WaitingRow, waitingOf } from './waiting-rows.js'

interface Needs {
  readonly postgres: Queryable
  readonly fileKeys: FileKeys
}

/** For whom slots are looked for: of these service types, waiting for a time that meets this one, after a position. */
export interface Turn {
  readonly serviceTypeIds: readonly string[]
  readonly span: Span
  readonly after: number
}

const select = 'SELECT waiting.*, wrapped FROM waiting LEFT JOIN appointments_keys.file_key ON file_id = waiting_id'

/** People for whom no slot is early enough, each file encrypted with a key of its own. */
export class WaitingList {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Whoever joins waits here for those who free something just now, who do not see them yet; comes before `lockList`. */
  async lockEntrance(tx: Transaction): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('waiting entrance'))`)
  }

  /** Whether anybody is on the list; nobody joins until the transaction ends. */
  async isAnybodyThere(tx: Transaction): Promise<boolean> {
    // A statement of its own: the next one sees who has joined until then.
    await tx.query(`SELECT pg_advisory_xact_lock_shared(hashtext(current_schema()), hashtext('waiting entrance'))`)
    const { rows } = await tx.query<{ is_anybody: boolean }>(
      `SELECT EXISTS (SELECT FROM waiting WHERE state = 'waiting') OR EXISTS (SELECT FROM waiting WHERE state = 'offered')
         AS is_anybody`,
    )
    return rows[0]?.is_anybody === true
  }

  /**
   * Whoever changes the list, or gives a slot to somebody on it, waits here, so that nobody is passed over. Locks of people and of
   * appointments come before it, and whoever has it waits for nobody's claims.
   */
  async lockList(tx: Transaction): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('waiting'))`)
  }

  /** Locks the list where anybody is on it; nobody joins until the transaction ends. Comes before the locks of openings. */
  async lockIfAnybody(tx: Transaction): Promise<boolean> {
    const isAnybody = await this.isAnybodyThere(tx)
    if (isAnybody) await this.lockList(tx)
    return isAnybody
  }

  /** Whether a person waits for a service type already by their own hand. */
  async isWaiting(tx: Transaction, subject: string, serviceTypeId: string): Promise<boolean> {
    const { rows } = await tx.query<{ is_waiting: boolean }>(
      `SELECT EXISTS (SELECT FROM waiting WHERE subject = (SELECT standing_subject($1)) AND service_type_id = $2
                      AND state IN ('waiting', 'offered') AND is_by_person) AS is_waiting`,
      [subject, serviceTypeId],
    )
    return rows[0]?.is_waiting === true
  }

  /** Keeps a new one; answers it with its position and the pseudonym that stands. The transaction has locked the list. */
  async insert(tx: Transaction, kept: KeptWaiting): Promise<KeptWaiting> {
    const { waitingId, subject, serviceTypeId, placeIds, channel, fromMs, untilMs, isByPerson } = kept
    const content = sealedWaiting(await this.#needs.fileKeys.draw(tx, waitingId), kept)
    const isAccompanied = kept.said.needs?.isAccompanied === true
    const { rows } = await tx.query<{ subject: string; position: number }>(
      `INSERT INTO waiting (waiting_id, subject, service_type_id, place_ids, channel, from_ms, until_ms, is_accompanied,
                            is_by_person, state, delete_after_ms, content)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING subject, position`,
      [
        ...[waitingId, subject, serviceTypeId, placeIds, channel, fromMs, untilMs, isAccompanied, isByPerson],
        ...[kept.state, kept.deleteAfterMs, content],
      ],
    )
    return { ...kept, ...rows[0] }
  }

  /** Keeps what one has become. The transaction has locked the list. */
  async save(tx: Transaction, kept: KeptWaiting): Promise<void> {
    const { waitingId, state, appointmentId, offeredUntilMs, passedMs, deleteAfterMs } = kept
    const key = await this.#needs.fileKeys.of(tx, waitingId)
    if (!key) throw new Error(`the key of waiting ${waitingId} was deleted before its time`)
    await tx.query(
      `UPDATE waiting SET state = $2, appointment_id = $3, offered_until_ms = $4, passed_ms = $5, delete_after_ms = $6,
                          content = $7 WHERE waiting_id = $1`,
      [
        ...[waitingId, state, appointmentId ?? null, offeredUntilMs ?? null, passedMs, deleteAfterMs],
        sealedWaiting(key, kept),
      ],
    )
  }

  async get(waitingId: string, db: Queryable = this.#needs.postgres): Promise<KeptWaiting | undefined> {
    return (await this.#read(db, 'WHERE waiting_id = $1', [waitingId]))[0]
  }

  /** The next who may wait for something at that time, who has waited longest first; at most `limit`. */
  async next(tx: Transaction, { serviceTypeIds, span, after }: Turn, limit: number): Promise<KeptWaiting[]> {
    return this.#read(
      tx,
      `WHERE state = 'waiting' AND service_type_id = ANY($1) AND position > $2 AND from_ms < $3 AND until_ms >= $4
       ORDER BY position LIMIT $5`,
      [serviceTypeIds, after, span.endsAtMs, span.startsAtMs, limit],
    )
  }

  /** Whether somebody waits for one of these in one of these places, for a time that meets this one. */
  async isAnybodyFor(
    tx: Transaction,
    { serviceTypeIds, span, placeIds }: Omit<Turn, 'after'> & { readonly placeIds: readonly string[] },
  ): Promise<boolean> {
    const { rows } = await tx.query<{ is_anybody: boolean }>(
      `SELECT EXISTS (SELECT FROM waiting WHERE state = 'waiting' AND service_type_id = ANY($1) AND from_ms < $2 AND until_ms >= $3
                      AND (place_ids = '{}' OR place_ids && $4)) AS is_anybody`,
      [serviceTypeIds, span.endsAtMs, span.startsAtMs, placeIds],
    )
    return rows[0]?.is_anybody === true
  }

  /** For which service types somebody waits, and until when at the latest. */
  async wanted(): Promise<{ readonly serviceTypeIds: readonly string[]; readonly untilMs: number }> {
    const { rows } = await this.#needs.postgres.query<{ service_type_id: string; until_ms: number }>(
      `SELECT service_type_id, max(until_ms) AS until_ms FROM waiting WHERE state = 'waiting' GROUP BY service_type_id`,
    )
    return {
      serviceTypeIds: rows.map((row) => row.service_type_id),
      untilMs: Math.max(0, ...rows.map((row) => row.until_ms)),
    }
  }

  /** Offers that are over, and those whose slot is no more held for them; and whether its appointment is still kept. */
  async stale(tx: Transaction, nowMs: number): Promise<{ readonly kept: KeptWaiting; readonly isThere: boolean }[]> {
    const { rows } = await tx.query<WaitingRow & { is_there: boolean }>(
      `SELECT waiting.*, wrapped, appointment.state IS NOT NULL AS is_there FROM waiting
       LEFT JOIN appointments_keys.file_key ON file_id = waiting_id LEFT JOIN appointment USING (appointment_id)
       WHERE waiting.state = 'offered' AND (offered_until_ms <= $1 OR appointment.state IS DISTINCT FROM 'held')
       ORDER BY position`,
      [nowMs],
    )
    return rows.flatMap((row) => {
      const kept = waitingOf(row, this.#needs.fileKeys)
      return kept ? [{ kept, isThere: row.is_there }] : []
    })
  }

  /** Whether an offer is over that nobody has answered. */
  async isAnyOver(nowMs: number): Promise<boolean> {
    const { rows } = await this.#needs.postgres.query<{ is_any: boolean }>(
      `SELECT EXISTS (SELECT FROM waiting WHERE state = 'offered' AND offered_until_ms <= $1) AS is_any`,
      [Math.floor(nowMs)],
    )
    return rows[0]?.is_any === true
  }

  /** Ends the waiting for days that have passed. The transaction has locked the list. */
  async endPassed(tx: Transaction, nowMs: number): Promise<void> {
    await tx.query(`UPDATE waiting SET state = 'ended' WHERE state = 'waiting' AND until_ms < $1`, [Math.floor(nowMs)])
  }

  /** At most `limit` after a position: all that is kept of a person, or everybody who waits; undefined filters nothing. */
  async list(
    after: number,
    wanted: { readonly subject: string | undefined; readonly serviceTypeId: string | undefined },
    limit: number,
  ): Promise<{ readonly waiting: readonly KeptWaiting[]; readonly upTo: number | undefined }> {
    const values: unknown[] = [after, limit]
    const also = (condition: string, value: string): string => condition.replace('?', `$${values.push(value)}`)
    const { subject, serviceTypeId } = wanted
    const whose =
      subject === undefined
        ? `state IN ('waiting', 'offered')`
        : also('subject = (SELECT standing_subject(?))', subject)
    const forWhat = serviceTypeId === undefined ? '' : also('AND service_type_id = ?', serviceTypeId)
    const { rows } = await this.#needs.postgres.query<WaitingRow>(
      `${select} WHERE position > $1 AND ${whose} ${forWhat} ORDER BY position LIMIT $2`,
      values,
    )
    return {
      waiting: rows.flatMap((row) => waitingOf(row, this.#needs.fileKeys) ?? []),
      upTo: rows.length === limit ? rows.at(-1)?.position : undefined,
    }
  }

  /** Deletes what its retention no longer covers, and its keys. */
  async deleteEnded(nowMs: number): Promise<void> {
    await this.#needs.postgres.query(
      `WITH ended AS (DELETE FROM waiting WHERE delete_after_ms <= $1 RETURNING waiting_id)
       DELETE FROM appointments_keys.file_key USING ended WHERE file_id = ended.waiting_id`,
      [Math.floor(nowMs)],
    )
  }

  async #read(db: Queryable, where: string, values: unknown[]): Promise<KeptWaiting[]> {
    const { rows } = await db.query<WaitingRow>(`${select} ${where}`, values)
    return rows.flatMap((row) => waitingOf(row, this.#needs.fileKeys) ?? [])
  }
}
