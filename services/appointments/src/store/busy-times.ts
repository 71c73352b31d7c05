import type { Transaction } from '@unefois/chassis/postgres'
import type { Span } from '../domain/slots.js'

/** Puts what a practitioner's other calendar says in the place of what it said before. */
export const replaceBusyTimes = async (
  tx: Transaction,
  { resourceNo, source }: { readonly resourceNo: number; readonly source: string },
  spans: readonly Span[],
): Promise<void> => {
  await tx.query('DELETE FROM busy_time WHERE resource_no = $1 AND source = $2', [resourceNo, source])
  await tx.query(
    `INSERT INTO busy_time (resource_no, source, starts_at_ms, ends_at_ms)
     SELECT $1, $2, starts_at_ms, ends_at_ms FROM unnest($3::bigint[], $4::bigint[]) AS span (starts_at_ms, ends_at_ms)`,
    [resourceNo, source, spans.map(({ startsAtMs }) => startsAtMs), spans.map(({ endsAtMs }) => endsAtMs)],
  )
}
