import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../database.fixture.js'
import { deleteAfterMs } from '../domain/exchange-record.js'
import { person, startMs } from '../federation.fixture.js'
import { PendingRequests } from './pending-requests.js'
import { SubjectKeys } from './subject-keys.js'

let database: Database
let keys: SubjectKeys
let store: PendingRequests
beforeAll(async () => {
  database = await openDatabase()
  keys = new SubjectKeys(database.postgres, randomBytes(32))
  store = new PendingRequests(database.postgres, keys)
})
afterAll(() => database.drop())

const asker = { kind: 'system', clientId: 'a-system', scopes: ['evidence:request'] } as const
const pendingOf = (subject: string) => ({
  exchangeId: randomUUID(),
  request: {
    subject,
    provider: 'a-provider',
    evidenceType: 'income',
    purpose: 'card',
    procedure: 'card',
    basisId: 'a-basis',
    fields: ['amount'],
    predicates: [{ predicate: 'low-income', argumentSubject: '' }],
  },
  asker,
  giveUpAtMs: startMs + 3_600_000,
})
const keep = async (subject: string, dueAtMs: number) => {
  const pending = pendingOf(subject)
  await store.keep(pending, dueAtMs)
  return pending
}

describe('PendingRequests', () => {
  it('gives nothing before it is due, and each to one process only', async () => {
    const kept = await keep(person('ada'), startMs + 1000)
    expect(await store.takeDue(startMs + 999, startMs + 9000, 10)).toEqual([])
    const [one, other] = await Promise.all([
      store.takeDue(startMs + 1000, startMs + 9000, 10),
      new PendingRequests(database.another(1), keys).takeDue(startMs + 1000, startMs + 9000, 10),
    ])
    expect([...one, ...other]).toEqual([kept])
    await store.settle(kept.exchangeId, kept.exchangeId)
  })

  it('gives what a process that died had taken, once more', async () => {
    const kept = await keep(person('ada'), startMs)
    await store.takeDue(startMs, startMs + 9000, 10)
    expect(await store.takeDue(startMs + 8999, startMs + 20_000, 10)).toEqual([])
    expect(await store.takeDue(startMs + 9000, startMs + 20_000, 10)).toEqual([kept])
    await store.settle(kept.exchangeId, kept.exchangeId)
  })

  it('keeps nothing readable of what was asked, and nothing at all of it once there is an answer', async () => {
    const kept = await keep(person('ada'), startMs)
    const content = async () => {
      const { rows } = await database.postgres.query<{ content: Buffer | null }>(
        'SELECT content FROM pending_request WHERE exchange_id = $1',
        [kept.exchangeId],
      )
      return rows[0]?.content
    }
    expect((await content())?.toString('latin1')).not.toContain('income')
    await store.settle(kept.exchangeId, kept.exchangeId)
    expect(await content()).toBeNull()
  })

  it('ends what its subject had erased', async () => {
    await keep(person('erased'), startMs)
    await keys.forget(person('erased'))
    expect(await store.takeDue(startMs, startMs, 10)).toEqual([])
    expect(await store.takeDue(startMs, startMs, 10)).toEqual([])
  })

  it('links the exchange that the agency knows to the newest that came of it, for as long as records are kept', async () => {
    const { exchangeId, giveUpAtMs } = await keep(person('ada'), startMs)
    const [second, third] = [randomUUID(), randomUUID()]
    expect(await store.latest(exchangeId)).toBe(exchangeId)
    await store.postpone(exchangeId, second, startMs + 5000)
    expect(await store.latest(exchangeId)).toBe(second)
    await store.settle(exchangeId, third)
    await store.deleteEnded(deleteAfterMs(giveUpAtMs) - 1)
    expect(await store.latest(exchangeId)).toBe(third)
    await store.deleteEnded(deleteAfterMs(giveUpAtMs))
    expect(await store.latest(exchangeId)).toBe(exchangeId)
  })
})
