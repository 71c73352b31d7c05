import { randomBytes } from 'node:crypto'
import type { Postgres } from '@unefois/chassis/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { personIdFrom } from '../domain/person.js'
import { mother, twins } from '../people.fixture.js'
import { openSchema } from '../postgres.fixture.js'
import { RegisterKey } from '../register-key.js'
import { authorityMigrations } from './migrations.js'
import { RegisterStore } from './register.js'

const nowMs = 1_800_000_000_000
let postgres: Postgres
let register: RegisterStore

beforeAll(async () => {
  postgres = await openSchema(authorityMigrations)
  register = new RegisterStore(postgres, new RegisterKey(randomBytes(32)))
})
afterAll(() => postgres.close())

describe('the register', () => {
  it('refuses a pivot identity that was moved to another person’s row', async () => {
    const key = new RegisterKey(randomBytes(32))
    const [one, two] = [personIdFrom(randomBytes(16)), personIdFrom(randomBytes(16))]
    const bytes = key.encrypt(one, mother)
    expect(() => key.decrypt(two, bytes)).toThrow()
    expect(() => new RegisterKey(randomBytes(32)).decrypt(one, bytes)).toThrow()
    expect(key.decrypt(one, bytes)).toEqual(mother)
  })

  it('refuses a key of another length', () => {
    expect(() => new RegisterKey(randomBytes(16))).toThrow(RangeError)
  })

  it('enters one person once, however often and however spelt', async () => {
    const spelt = { ...mother, familyName: 'LE GOFF D YS', givenName: 'Amelie-Rose' }
    const answers = await Promise.all([1, 2, 3].map(() => register.register(mother, nowMs)))
    expect(answers.filter(({ wasKnown }) => !wasKnown)).toHaveLength(1)
    expect(await register.register(spelt, nowMs)).toMatchObject({ wasKnown: true })
    expect(await register.candidates(mother)).toEqual([
      { person: expect.any(String), pivot: mother, former: [], isDeceased: false },
    ])
  })

  it('finds all who share birth name and birthdate, and nobody else', async () => {
    for (const twin of twins) await register.register(twin, nowMs)
    const found = await register.candidates(twins[0])
    expect(found.map(({ pivot }) => pivot.givenName).sort()).toEqual(twins.map(({ givenName }) => givenName).sort())
    expect(await register.candidates({ ...twins[0], birthdate: '2016-06-02' })).toEqual([])
  })

  it('finds somebody by the name in use, by another spelling, and by a presumed date', async () => {
    const pivot = { ...mother, familyName: 'Schröder', preferredUsername: 'Abalain', birthdate: '1961-00-00' }
    const { person } = await register.register(pivot, nowMs)
    for (const asked of [{ familyName: 'Abalain' }, { familyName: 'Schroeder' }, { birthdate: '1961-05-04' }])
      expect((await register.candidates({ ...pivot, ...asked })).map((each) => each.person)).toEqual([person])
  })

  it('finds those whom the version before entered, before and after they are given their keys', async () => {
    const pivot = { ...mother, familyName: 'Kerautret', preferredUsername: 'Le Bihan' }
    const { person } = await register.register(pivot, nowMs)
    await postgres.query('DELETE FROM candidate_key WHERE person_id = $1', [person])
    await postgres.query('UPDATE person SET keys_version = 0 WHERE person_id = $1', [person])
    const foundBy = async (asked: object) => (await register.candidates({ ...pivot, ...asked })).length
    expect(await foundBy({})).toBe(1)
    expect(await foundBy({ familyName: 'Le Bihan' })).toBe(0)
    expect(await register.addMissingKeys(10)).toBe(1)
    expect(await register.addMissingKeys(10)).toBe(0)
    expect(await foundBy({})).toBe(1)
    expect(await foundBy({ familyName: 'Le Bihan' })).toBe(1)
  })

  it('keeps nothing that names a person in clear', async () => {
    const { rows } = await postgres.query<{ row: string }>('SELECT person::text AS row FROM person')
    const clear = rows.map(({ row }) => row).join('\n')
    for (const text of ['Goff', 'Am\u00e9lie', '1988', '29019', Buffer.from('Goff').toString('hex')])
      expect(clear).not.toContain(text)
  })

  it('lets an account be one person’s, the first', async () => {
    const [one, two] = await register.candidates(twins[0])
    if (!one || !two) throw new Error('two people expected')
    expect(await register.personOfLogin('https://idp.test', 'sub')).toBeUndefined()
    await register.linkLogin('https://idp.test', 'sub', one.person, nowMs)
    await register.linkLogin('https://idp.test', 'sub', two.person, nowMs)
    expect(await register.personOfLogin('https://idp.test', 'sub')).toBe(one.person)
    expect(await register.personOfLogin('https://other.test', 'sub')).toBeUndefined()
  })
})
