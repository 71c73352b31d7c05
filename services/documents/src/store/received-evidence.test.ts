import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../clock.fixture.js'
import { type Database, openDatabase } from '../database.fixture.js'
import { Lease } from '../domain/lease.js'
import { person, startMs } from '../federation.fixture.js'
import { record } from '../record.fixture.js'
import { ExchangeLog } from './exchange-log.js'
import { ReceivedEvidenceStore } from './received-evidence.js'
import { SubjectKeys } from './subject-keys.js'

let database: Database
let keys: SubjectKeys
let store: ReceivedEvidenceStore
let exchangeLog: ExchangeLog
beforeAll(async () => {
  database = await openDatabase()
  keys = new SubjectKeys(database.postgres, randomBytes(32))
  store = new ReceivedEvidenceStore(database.postgres, keys)
  exchangeLog = new ExchangeLog({
    postgres: database.postgres,
    recordKey: randomBytes(32),
    lease: new Lease(),
    clock: new ManualClock(),
    afterCommit: () => undefined,
  })
})
afterAll(() => database.drop())

const evidence = {
  valueJson: '{"amount":700}',
  version: 3,
  asOfMs: startMs,
  predicates: [{ predicate: 'low-income', holds: true }],
  keepUntilMs: startMs + 1000,
}
const receive = async (subject: string): Promise<string> => {
  const exchangeId = randomUUID()
  const received = await store.seal(exchangeId, subject, evidence)
  await exchangeLog.commit({ record: record({ kind: 'receipt', exchange_id: exchangeId, subject }), received })
  return exchangeId
}

describe('ReceivedEvidenceStore', () => {
  it('answers nothing for an exchange that brought nothing', async () => {
    expect(await store.read(randomUUID(), startMs)).toBeUndefined()
  })

  it('answers nothing from the end of the retention on, deleted or not', async () => {
    const exchangeId = await receive(person('ada'))
    expect(await store.read(exchangeId, startMs + 999)).toEqual(evidence)
    expect(await store.read(exchangeId, startMs + 1000)).toBeUndefined()
  })

  it('throws for content that was moved to another exchange', async () => {
    const [one, other] = [await receive(person('ada')), await receive(person('ada'))]
    await database.postgres.query(
      `UPDATE received_evidence SET content = (SELECT content FROM received_evidence WHERE exchange_id = $1)
       WHERE exchange_id = $2`,
      [one, other],
    )
    await expect(store.read(other, startMs)).rejects.toThrow()
  })

  it('is erased with its subject, even once that subject has another key, and makes no key when read', async () => {
    const [erased, kept] = [await receive(person('erased')), await receive(person('kept'))]
    await keys.forget(person('erased'))
    expect(await store.read(erased, startMs)).toBeUndefined()
    const { rows } = await database.postgres.query('SELECT FROM documents_keys.subject_key WHERE subject = $1', [
      person('erased'),
    ])
    expect(rows).toEqual([])
    const again = await receive(person('erased'))
    expect(await store.read(erased, startMs)).toBeUndefined()
    expect(await store.read(again, startMs)).toEqual(evidence)
    expect(await store.read(kept, startMs)).toEqual(evidence)
  })
})
