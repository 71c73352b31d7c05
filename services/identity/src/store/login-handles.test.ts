import { randomBytes } from 'node:crypto'
import type { Postgres } from '@unefois/chassis/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Login } from '../domain/ticket-rule.js'
import { mother } from '../people.fixture.js'
import { openSchema } from '../postgres.fixture.js'
import { RegisterKey } from '../register-key.js'
import { type AuthorityStores, authorityStores } from './authority-stores.js'
import { authorityMigrations } from './migrations.js'

const seconds = 1_800_000_000
let postgres: Postgres
let stores: AuthorityStores
let login: Login

beforeAll(async () => {
  postgres = await openSchema(authorityMigrations)
  stores = authorityStores(postgres, new RegisterKey(randomBytes(32)))
  await stores.register.register(mother, seconds * 1000)
  const [known] = await stores.register.candidates(mother)
  if (!known) throw new Error('a person expected')
  const { person } = known
  login = { member: 'town', person, acr: 'eidas2', authTimeSeconds: seconds - 10, expiresAtSeconds: seconds + 60 }
})
afterAll(() => postgres.close())

describe('login handles', () => {
  it('are unknown unless they were opened', async () => {
    expect(await stores.logins.find(randomBytes(32).toString('base64url'))).toBeUndefined()
  })

  it('give back the login, and are not themselves kept', async () => {
    const handle = await stores.logins.open(login)
    expect(Buffer.from(handle, 'base64url')).toHaveLength(32)
    expect(await stores.logins.find(handle)).toEqual(login)
    const { rows } = await postgres.query<{ row: string }>('SELECT login_handle::text AS row FROM login_handle')
    const kept = rows.map(({ row }) => row).join('\n')
    expect(kept).not.toContain(handle)
    expect(kept).not.toContain(Buffer.from(handle).toString('hex'))
    expect(kept).not.toContain(Buffer.from(handle, 'base64url').toString('hex'))
  })

  it('are forgotten after they ended', async () => {
    const [ended, open] = [
      await stores.logins.open(login),
      await stores.logins.open({ ...login, expiresAtSeconds: seconds + 600 }),
    ]
    await stores.logins.forgetExpired((seconds + 61) * 1000)
    expect(await stores.logins.find(ended)).toBeUndefined()
    expect(await stores.logins.find(open)).toBeDefined()
  })
})

describe('acquaintances', () => {
  it('are each recorded once', async () => {
    for (const member of ['town', 'fund', 'town']) await stores.acquaintances.record([login.person], member, 0)
    expect(await stores.acquaintances.membersOf(login.person)).toEqual(['fund', 'town'])
  })
})
