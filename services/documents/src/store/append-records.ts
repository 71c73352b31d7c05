import { encrypt } from '@unefois/chassis/cipher'
import type { Queryable } from '@unefois/chassis/postgres'
import { leafEntry, recordBytes, saltBytes } from '@unefois/proto/exchange-log'
import { freshBytes } from '@unefois/proto/fresh-bytes'
import type { DeclarationRecord } from '../domain/declaration.js'
import { deleteAfterMs, type ExchangeRecord } from '../domain/exchange-record.js'
import type { Received } from './received-evidence.js'

/** The context that binds an encrypted record to its row. */
export const recordContext = (recordId: string): string => `exchange-record ${recordId}`

/** Writes records, their leaves and what they brought in one statement: a transaction of its own, or a part of one. */
export const appendRecords = async (
  db: Queryable,
  recordKey: Uint8Array,
  entries: readonly { readonly record: ExchangeRecord | DeclarationRecord; readonly received?: Received }[],
): Promise<void> => {
  const records = entries.map(({ record }) => record)
  const received = entries.flatMap((entry) => entry.received ?? [])
  const sealed = records.map((record) => {
    const bytes = recordBytes({ ...record })
    const salt = freshBytes(saltBytes)
    const plaintext = Buffer.concat([salt, bytes])
    const content = encrypt(recordKey, plaintext, recordContext(record.record_id))
    return { entry: leafEntry(salt, bytes), content }
  })
  await db.query({
    name: 'append-exchange-records',
    text: `WITH appended AS (
             INSERT INTO exchange_record
               (record_id, exchange_id, kind, subject, counterparty, at_ms, content, delete_after_ms)
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[],
                                  $7::bytea[], $8::bigint[])
             RETURNING sequence, record_id),
           received AS (
             INSERT INTO received_evidence (exchange_id, subject, content, keep_until_ms)
             SELECT * FROM unnest($10::uuid[], $11::text[], $12::bytea[], $13::bigint[]))
           INSERT INTO log_unplaced (sequence, entry)
           SELECT appended.sequence, leaf.entry
           FROM appended JOIN unnest($1::uuid[], $9::bytea[]) AS leaf (record_id, entry) USING (record_id)`,
    values: [
      records.map((record) => record.record_id),
      records.map((record) => record.exchange_id),
      records.map((record) => record.kind),
      records.map((record) => record.subject),
      records.map((record) => record.counterparty),
      records.map((record) => record.at_ms),
      sealed.map(({ content }) => content),
      records.map((record) => deleteAfterMs(record.at_ms)),
      sealed.map(({ entry }) => entry),
      received.map(({ exchangeId }) => exchangeId),
      received.map(({ subject }) => subject),
      received.map(({ content }) => content),
      received.map(({ keepUntilMs }) => keepUntilMs),
    ],
  })
}
