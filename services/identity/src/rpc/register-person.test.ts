import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuthorityFixture, ask, callBy, openAuthority } from '../authority.fixture.js'
import { mother, presumed } from '../people.fixture.js'
import { registerPerson } from './register-person.js'

let authority: AuthorityFixture
const call = callBy({ kind: 'system', clientId: 'civil-register', scopes: ['register:write'] })

beforeAll(async () => {
  authority = await openAuthority()
})
afterAll(() => authority.postgres.close())

describe('RegisterPerson', () => {
  it.each([
    ['no pivot identity', undefined],
    ['no birth name', { ...mother, familyName: ' ' }],
    ['a birthdate that is none', { ...mother, birthdate: '1988-13-09' }],
    ['a day without its month', { ...mother, birthdate: '1988-00-09' }],
    ['no gender', { ...mother, gender: '' }],
    ['no country of birth', { ...mother, birthcountry: '' }],
    ['no birthplace of somebody born in France', { ...mother, birthplace: '' }],
    ['a birthplace that is no code', { ...mother, birthplace: 'Brest' }],
  ])('refuses %s', (_, pivot) => {
    expect(registerPerson(authority).request.safeParse({ pivot }).success).toBe(false)
  })

  it('enters a person once', async () => {
    const rpc = registerPerson(authority)
    expect(await ask(rpc, { pivot: mother }, call)).toMatchObject({ wasKnown: false })
    expect(await ask(rpc, { pivot: mother }, call)).toMatchObject({ wasKnown: true })
    expect(await ask(rpc, { pivot: presumed }, call)).toMatchObject({ wasKnown: false })
  })
})
