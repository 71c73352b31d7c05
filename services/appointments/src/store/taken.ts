import type { Queryable } from '@unefois/chassis/postgres'
import type { Taken, TakenTimes } from '../domain/free-slots.js'
import type { Span } from '../domain/slots.js'

/** A time of a resource that somebody wants to know about. */
export interface ResourceSpan extends Span {
  readonly resourceNo: number
}

interface Row {
  readonly resource_no: number
  readonly starts_at_ms: number
  readonly ends_at_ms: number
  readonly lane: number
  readonly session_id: string
  readonly seat: number
  readonly expires_at_ms: number | null
}

/** Spans of the same resource that meet are one. */
const joined = (spans: readonly ResourceSpan[]): ResourceSpan[] => {
  const sorted = [...spans].sort((a, b) => a.resourceNo - b.resourceNo || a.startsAtMs - b.startsAtMs)
  const united: ResourceSpan[] = []
  for (const span of sorted) {
    const last = united.at(-1)
    if (last && last.resourceNo === span.resourceNo && span.startsAtMs <= last.endsAtMs)
      united[united.length - 1] = { ...last, endsAtMs: Math.max(last.endsAtMs, span.endsAtMs) }
    else united.push(span)
  }
  return united
}

/** What is taken of resources at those times, by now. */
export const takenOf = async (db: Queryable, spans: readonly ResourceSpan[], nowMs: number): Promise<TakenTimes> => {
  const wanted = joined(spans)
  // For each resource apart, so that the constraint's own index is used, however many there are.
  const { rows } = await db.query<Row>({
    name: 'taken-of',
    text: `SELECT wanted.resource_no, starts_at_ms, ends_at_ms, lane, session_id, seat, expires_at_ms
           FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS wanted (resource_no, from_ms, to_ms)
           CROSS JOIN LATERAL (
             SELECT lower(during) AS starts_at_ms, upper(during) AS ends_at_ms, lane, session_id, seat, expires_at_ms
             FROM claim
             WHERE claim.resource_no = wanted.resource_no AND during && int8range(from_ms, to_ms)
               AND (expires_at_ms IS NULL OR expires_at_ms > $4)
             OFFSET 0) AS taken`,
    values: [
      wanted.map(({ resourceNo }) => resourceNo),
      wanted.map(({ startsAtMs }) => startsAtMs),
      wanted.map(({ endsAtMs }) => endsAtMs),
      Math.floor(nowMs),
    ],
  })
  const taken = new Map<number, Taken[]>()
  for (const row of rows) {
    const one = {
      startsAtMs: row.starts_at_ms,
      endsAtMs: row.ends_at_ms,
      lane: row.lane,
      sessionId: row.session_id,
      seat: row.seat,
      expiresAtMs: row.expires_at_ms ?? undefined,
    }
    const others = taken.get(row.resource_no)
    if (others) others.push(one)
    else taken.set(row.resource_no, [one])
  }
  return taken
}
