import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deleteAfterMs } from '../domain/exchange-record.js'
import { members, person, startMs } from '../federation.fixture.js'
import { type MemberParts, openMember } from '../member.fixture.js'
import { record } from '../record.fixture.js'
import { deleteExpired } from './retention.js'

let requester: MemberParts
beforeAll(async () => {
  requester = await openMember(members.requester)
})
afterAll(() => requester.close())

const count = async (
  table: 'received_evidence' | 'exchange_record' | 'log_place' | 'log_tile' | 'predicate_use',
): Promise<number> => {
  const { rows } = await requester.runtime.postgres.query<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)
  return rows[0]?.n ?? 0
}

describe('deletion', () => {
  it('takes evidence at the end of its retention, records after 36 months, and never a leaf of the log', async () => {
    const { received, exchangeLog, accesses, runtime } = requester
    const exchangeId = randomUUID()
    const keepUntilMs = startMs + 1000
    const evidence = { valueJson: '{}', version: 1, asOfMs: startMs, predicates: [], keepUntilMs }
    const entry = {
      record: record({ kind: 'receipt', exchange_id: exchangeId }),
      received: await received.seal(exchangeId, person('ada'), evidence),
      predicateUse: {
        subject: person('ada'),
        requester: members.requester,
        predicates: ['low-income'],
        day: '2027-01-15',
        mostPerDay: 1,
      },
    }
    await exchangeLog.commit(entry)
    await requester.sequencer.settled()
    const nothing = { evidence: 0, records: 0, predicateUses: 0 }
    expect(await deleteExpired(runtime.postgres, keepUntilMs - 1)).toEqual(nothing)
    expect(await deleteExpired(runtime.postgres, keepUntilMs)).toEqual({ ...nothing, evidence: 1 })
    expect(await count('received_evidence')).toBe(0)

    expect(await deleteExpired(runtime.postgres, Date.parse('2027-01-15T23:59:59.999Z'))).toEqual(nothing)
    expect(await deleteExpired(runtime.postgres, Date.parse('2027-01-16T00:00:00Z'))).toEqual({
      ...nothing,
      predicateUses: 1,
    })

    expect(await deleteExpired(runtime.postgres, deleteAfterMs(startMs) - 1)).toEqual(nothing)
    expect(await deleteExpired(runtime.postgres, deleteAfterMs(startMs))).toEqual({ ...nothing, records: 1 })
    expect(await accesses.list(person('ada'), undefined, 10)).toEqual([])
    expect(await count('log_place')).toBe(0)
    expect(await count('log_tile')).toBe(1)
  })
})
