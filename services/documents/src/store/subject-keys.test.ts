import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../database.fixture.js'
import { person } from '../federation.fixture.js'
import { openPayload, SubjectKeys, sealPayload } from './subject-keys.js'

let database: Database
let keys: SubjectKeys
const wrappingKey = randomBytes(32)
beforeAll(async () => {
  database = await openDatabase()
  keys = new SubjectKeys(database.postgres, wrappingKey)
})
afterAll(() => database.drop())

describe('SubjectKeys', () => {
  it('refuse a wrapped key that was moved to another subject', async () => {
    await keys.keyFor(person('mallory'))
    const { rows } = await database.postgres.query<{ wrapped: Buffer }>(
      'SELECT wrapped FROM documents_keys.subject_key WHERE subject = $1',
      [person('mallory')],
    )
    expect(() => keys.unwrap(person('eve'), rows[0]?.wrapped as Buffer)).toThrow()
  })

  it('give one key to all who ask for a subject first at the same time, in whichever process', async () => {
    const others = new SubjectKeys(database.another(), wrappingKey)
    const within = database.another()
    for (let round = 0; round < 10; round++) {
      const crowd = person(`crowd${round}`)
      const asked = await Promise.all([
        ...Array.from({ length: 5 }, () => keys.keyFor(crowd)),
        ...Array.from({ length: 5 }, () => others.keyFor(crowd)),
        ...Array.from({ length: 5 }, () => within.transaction((tx) => keys.keyWithin(tx, crowd))),
      ])
      expect(new Set(asked.map((key) => key.toString('hex'))).size).toBe(1)
    }
  })

  it('keep subjects apart', async () => {
    const [ada, bob] = await Promise.all([keys.keyFor(person('ada')), keys.keyFor(person('bob'))])
    expect(ada).not.toEqual(bob)
    expect(await keys.keyFor(person('ada'))).toEqual(ada)
  })

  it('give a new key after forgetting, which opens nothing of before and says so', async () => {
    const [before, other] = [await keys.keyFor(person('left')), await keys.keyFor(person('stayed'))]
    const payload = sealPayload(before, Buffer.from('secret'), 'row')
    await keys.forget(person('left'))
    const after = await keys.keyFor(person('left'))
    expect(openPayload(after, payload, 'row')).toBeUndefined()
    expect(openPayload(before, payload, 'row')?.toString()).toBe('secret')
    expect(await keys.keyFor(person('stayed'))).toEqual(other)
  })

  it('never give an undefined key while another process forgets it over and over', async () => {
    const others = new SubjectKeys(database.another(), wrappingKey)
    for (let round = 0; round < 30; round++) {
      const [key] = await Promise.all([keys.keyFor(person('torn')), others.forget(person('torn'))])
      expect(key).toHaveLength(32)
    }
  })

  it('throw for a payload that was changed, which is not the same as forgotten', () => {
    const key = randomBytes(32)
    const payload = sealPayload(key, Buffer.from('secret'), 'row')
    payload[payload.length - 1] = (payload.at(-1) as number) ^ 1
    expect(() => openPayload(key, payload, 'row')).toThrow()
  })
})
