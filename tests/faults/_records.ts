import { databaseAccess } from '@unefois/deploy/sandbox/databases'
import type { RunningFederation } from '@unefois/deploy/sandbox/federation'
import type { ServiceName } from '@unefois/deploy/sandbox/topology'
import pg from 'pg'
import { expect } from 'vitest'
import type { Answer } from './_asking.js'
import { parts } from './_fault-federation.js'
import { until } from './_until.js'

export interface StoredHalf {
  readonly exchangeId: string
  readonly kind: 'request' | 'receipt' | 'release' | 'refusal'
  readonly subject: string
  readonly committedAtMs: number
}

/** Reads one service's own tables as the database's superuser, who sees what no door shows: what was committed, and when. */
export class Records {
  readonly #federation: RunningFederation
  readonly #member: string
  readonly #service: ServiceName

  constructor(federation: RunningFederation, member: string, service: ServiceName = 'documents') {
    this.#federation = federation
    this.#member = member
    this.#service = service
  }

  /** A connection of the superuser with this service's schema; the caller ends it. */
  async session(): Promise<pg.Client> {
    const { postgres, plan } = this.#federation
    const member = plan.agencies.find(({ id }) => id === this.#member)
    if (!member) throw new Error(`no member ${this.#member}`)
    const { database, schema } = databaseAccess(member, this.#service)
    const { host, port, user, password } = postgres
    const client = new pg.Client({ host, port, user, password, database, options: `-c search_path=${schema}` })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  async query<R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> {
    const client = await this.session()
    try {
      return (await client.query<R>(text, values)).rows
    } finally {
      await client.end()
    }
  }

  /** Every half of an exchange that this member has on record, in the order of their commits. */
  async halves(): Promise<StoredHalf[]> {
    const rows = await this.query<{ exchange_id: string; kind: StoredHalf['kind']; subject: string; ms: string }>(
      `SELECT exchange_id, kind, subject, extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000 AS ms
       FROM exchange_record ORDER BY ms`,
    )
    return rows.map(({ exchange_id, kind, subject, ms }) => ({
      exchangeId: exchange_id,
      kind,
      subject,
      committedAtMs: Number(ms),
    }))
  }

  /** Records whose leaf has no place in the log. */
  async unproved(): Promise<number> {
    const [row] = await this.query<{ unproved: string }>(
      `SELECT count(*) AS unproved FROM exchange_record LEFT JOIN log_place USING (sequence) WHERE leaf_index IS NULL`,
    )
    return Number(row?.unproved)
  }

  /** Events that wait for their receiver. */
  async waiting(): Promise<number> {
    const [row] = await this.query<{ waiting: string }>('SELECT count(*) AS waiting FROM outbox')
    return Number(row?.waiting)
  }
}

/** How often each exchange id stands in these halves. */
export const tally = (halves: readonly StoredHalf[], kind: StoredHalf['kind']): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const half of halves) if (half.kind === kind) counts.set(half.exchangeId, (counts.get(half.exchangeId) ?? 0) + 1)
  return counts
}

/**
 * What each end must have on record of exchanges that were answered with evidence; nothing twice. A captured request was
 * sent by a client that keeps no record.
 */
export const expectNothingLostOrDoubled = async (
  federation: RunningFederation,
  answers: readonly Answer[],
  captured: readonly string[] = [],
): Promise<void> => {
  const atProvider = new Records(federation, parts.provider)
  const atRequester = new Records(federation, parts.requester)
  const [there, here] = await Promise.all([atProvider.halves(), atRequester.halves()])
  const counts = { release: tally(there, 'release'), request: tally(here, 'request'), receipt: tally(here, 'receipt') }
  const acknowledged = answers.filter(({ outcome }) => outcome === 'evidence').map(({ exchangeId = '' }) => exchangeId)
  expect(acknowledged.length).toBeGreaterThan(0)
  expect(new Set(acknowledged).size).toBe(acknowledged.length)
  for (const [kind, count] of Object.entries(counts)) {
    expect({ kind, lost: acknowledged.filter((id) => !count.has(id)) }).toEqual({ kind, lost: [] })
    expect({ kind, doubled: [...count].filter(([, times]) => times > 1) }).toEqual({ kind, doubled: [] })
  }
  // Nothing is released that the requester has not put on record first.
  expect([...counts.release.keys()].filter((id) => !counts.request.has(id))).toEqual(captured)
  const [kept] = await atRequester.query<{ kept: string }>(
    'SELECT count(*) AS kept FROM received_evidence WHERE exchange_id = ANY($1)',
    [acknowledged],
  )
  expect(Number(kept?.kept)).toBe(acknowledged.length)
}

/** Whatever died between commit and log: every record of both ends comes to its place in the log. */
export const expectEveryRecordInLog = async (federation: RunningFederation): Promise<void> => {
  for (const member of [parts.provider, parts.requester]) {
    const records = new Records(federation, member)
    await until(`every record of ${member} has its place in the log`, async () => (await records.unproved()) === 0)
  }
}
