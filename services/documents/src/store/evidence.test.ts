import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../database.fixture.js'
import { person, startMs } from '../federation.fixture.js'
import { EvidenceStore } from './evidence.js'
import { SubjectKeys } from './subject-keys.js'

let database: Database
let keys: SubjectKeys
let store: EvidenceStore
beforeAll(async () => {
  database = await openDatabase()
  keys = new SubjectKeys(database.postgres, randomBytes(32))
  store = new EvidenceStore(database.postgres, keys)
})
afterAll(() => database.drop())

const evidence = (amount: number, supersedes = 0) => ({
  value: { amount },
  related: [{ relation: 'children', subject: person('bob') }],
  asOfMs: startMs,
  declaredAtMs: startMs,
  supersedes,
})
const declare = (subject: string, amount: number, supersedes = 0, postgres = database.postgres) =>
  postgres.transaction((tx) => store.declare(tx, { subject, evidenceType: 'income' }, evidence(amount, supersedes)))

describe('EvidenceStore', () => {
  it('refuses a version that does not supersede the newest', async () => {
    expect(await declare(person('ada'), 1)).toBe(1)
    expect(await declare(person('ada'), 2)).toBeUndefined()
    expect(await declare(person('ada'), 2, 5)).toBeUndefined()
    expect(await declare(person('ada'), 2, 1)).toBe(2)
    expect(await declare(person('ada'), 3, 1)).toBeUndefined()
    expect(await store.newest(person('ada'), 'income')).toMatchObject({ version: 2, value: { amount: 2 } })
  })

  it('lets exactly one of many concurrent corrections win', async () => {
    await declare(person('contested'), 0)
    const amounts = Array.from({ length: 12 }, (_, at) => at + 1)
    const declared = await Promise.all(amounts.map((amount) => declare(person('contested'), amount, 1)))
    expect(declared.filter((version) => version === 2)).toHaveLength(1)
    expect(declared.filter((version) => version === undefined)).toHaveLength(11)
    const newest = await store.newest(person('contested'), 'income')
    expect(newest?.value.amount).toBe(amounts[declared.indexOf(2)])
  })

  it('declares for more people at once than there are connections', async () => {
    const postgres = database.another(2)
    const own = new EvidenceStore(postgres, new SubjectKeys(postgres, randomBytes(32)))
    const declared = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        postgres.transaction((tx) =>
          own.declare(tx, { subject: person(`many${at}`), evidenceType: 'income' }, evidence(at)),
        ),
      ),
    )
    expect(declared).toEqual(Array(8).fill(1))
  })

  it('keeps each version as it was', async () => {
    await declare(person('history'), 1)
    await declare(person('history'), 2, 1)
    const { rows } = await database.postgres.query('SELECT version FROM evidence WHERE subject = $1 ORDER BY version', [
      person('history'),
    ])
    expect(rows).toEqual([{ version: 1 }, { version: 2 }])
  })

  it('answers many at once, each their own, and undefined for nobody', async () => {
    const people = Array.from({ length: 20 }, (_, at) => person(`reader${at}`))
    await Promise.all(people.map((subject, at) => declare(subject, at)))
    const read = await Promise.all([person('nobody'), ...people].map((subject) => store.newest(subject, 'income')))
    expect(read.map((each) => each?.value.amount)).toEqual([undefined, ...people.keys()])
    expect(await store.newest(person('reader1'), 'household')).toBeUndefined()
  })

  it('throws for content that was moved to another row', async () => {
    await declare(person('victim'), 1)
    await declare(person('victim'), 2, 1)
    await database.postgres.query(
      `UPDATE evidence SET content = (SELECT content FROM evidence WHERE subject = $1 AND version = 1)
       WHERE subject = $1 AND version = 2`,
      [person('victim')],
    )
    await expect(store.newest(person('victim'), 'income')).rejects.toThrow()
  })

  it('is erased for a forgotten subject and for nobody else, and starts anew', async () => {
    await declare(person('erased'), 1)
    await declare(person('kept'), 1)
    await keys.forget(person('erased'))
    expect(await store.newest(person('erased'), 'income')).toBeUndefined()
    expect(await store.newest(person('kept'), 'income')).toMatchObject({ value: { amount: 1 } })
    await keys.keyFor(person('erased'))
    expect(await store.newest(person('erased'), 'income')).toBeUndefined()
    expect(await declare(person('erased'), 2, 1)).toBe(2)
    expect(await store.newest(person('erased'), 'income')).toMatchObject({ value: { amount: 2 } })
  })
})
