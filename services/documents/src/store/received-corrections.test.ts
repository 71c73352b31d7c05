import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../database.fixture.js'
import { members, person, purposes, startMs, types } from '../federation.fixture.js'
import { type ReceivedCorrection, ReceivedCorrections } from './received-corrections.js'

let database: Database
let corrections: ReceivedCorrections
beforeAll(async () => {
  database = await openDatabase()
  corrections = new ReceivedCorrections(database.postgres)
})
afterAll(() => database.drop())

const heard = (given: Partial<ReceivedCorrection> = {}): ReceivedCorrection => ({
  correctionId: randomUUID(),
  toldId: randomUUID(),
  exchangeId: randomUUID(),
  provider: members.provider,
  subject: person('ada'),
  evidenceType: types.income,
  purpose: purposes.rate,
  procedure: 'p',
  wrongVersion: 1,
  correctedVersion: 2,
  correctedAtMs: startMs,
  heardAtMs: startMs,
  ...given,
})
const all = { listed: 'all', exchangeId: undefined } as const
const waiting = async (): Promise<number> => {
  const { rowCount } = await database.postgres.query(
    `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  )
  return rowCount ?? 0
}

describe('ReceivedCorrections', () => {
  it('gives no position that a reader who has gone on would miss', async () => {
    const [slow, fast] = [heard(), heard()]
    let finish: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    let isInserted: () => void = () => undefined
    const inserted = new Promise<void>((resolve) => {
      isInserted = resolve
    })
    const first = database.postgres.transaction(async (tx) => {
      await corrections.insert(tx, slow)
      isInserted()
      await held
    })
    await inserted
    const second = database.postgres.transaction((tx) => corrections.insert(tx, fast))
    await expect.poll(waiting, { timeout: 5000, interval: 5 }).toBe(1)
    expect(await corrections.after(0, all, 10)).toEqual([])
    finish()
    await Promise.all([first, second])
    const order = (await corrections.after(0, all, 10)).map(({ correctionId }) => correctionId)
    expect(order).toEqual([slow.correctionId, fast.correctionId])
  })

  it('tells which exchanges brought what was corrected, and of no others', async () => {
    const one = heard()
    await database.postgres.transaction((tx) => corrections.insert(tx, one))
    const other = randomUUID()
    expect(await corrections.correctedAmong([one.exchangeId, other])).toEqual(new Set([one.exchangeId]))
    expect(await corrections.correctedAmong([])).toEqual(new Set())
  })
})
