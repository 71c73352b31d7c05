import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { acceptedOnce, forgetExpiredUses } from './accepted-once.js'
import { because } from './contract.fixture.js'
import { openSchema, type TestSchema } from './postgres.fixture.js'

let schema: TestSchema
beforeAll(async () => {
  schema = await openSchema()
})
afterAll(() => schema.close())

const soon = 1_800_000_060
let drawn = 0
const fresh = (): string => `jti-${++drawn}`

describe('acceptedOnce', () => {
  it('refuses a second use, by any store on the same table', async () => {
    const [one, another] = [acceptedOnce(schema.postgres), acceptedOnce(schema.open())]
    const jti = fresh()
    expect(await one.accept('north', jti, soon)).toBe(true)
    expect(await one.accept('north', jti, soon)).toBe(false)
    expect(await another.accept('north', jti, soon)).toBe(false)
  })

  it('accepts exactly one of 200 parallel uses in two processes', async () => {
    const stores = [acceptedOnce(schema.postgres), acceptedOnce(schema.open())] as const
    const jti = fresh()
    const uses = Array.from({ length: 200 }, (_, n) => stores[(n % 2) as 0 | 1].accept('north', jti, soon))
    expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1)
  })

  it('accepts each of many once, while two processes use them in opposite order', async () => {
    const jtis = Array.from({ length: 300 }, fresh)
    const [one, another] = [acceptedOnce(schema.postgres), acceptedOnce(schema.open())]
    const [forth, back] = await Promise.all([
      Promise.all(jtis.map((jti) => one.accept('north', jti, soon))),
      Promise.all([...jtis].reverse().map((jti) => another.accept('north', jti, soon))),
    ])
    jtis.forEach((_, n) => {
      expect([forth[n], back[jtis.length - 1 - n]].filter(Boolean)).toHaveLength(1)
    })
  })

  it('takes them in one order, so that two processes never wait for each other', async () => {
    const [a, b] = [fresh(), fresh()].sort()
    const insert = (jti = '') => `INSERT INTO accepted_once VALUES ('north', '${jti}', now()) ON CONFLICT DO NOTHING`
    const store = acceptedOnce(schema.open())
    const together = await schema.postgres.transaction(async (tx) => {
      await tx.query(`SET LOCAL lock_timeout = '500ms'`)
      await tx.query(insert(a))
      const uses = Promise.all([b, a].map((jti = '') => store.accept('north', jti, soon)))
      const waiting = () =>
        schema.postgres.query(
          `SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`,
          [`unefois-${schema.config.schema}`],
        )
      await expect.poll(async () => (await waiting()).rowCount, { interval: 5 }).toBe(1)
      await tx.query(insert(b))
      return { uses }
    })
    expect(await together.uses).toEqual([false, false])
  })

  it('refuses the second of two equal uses that arrive together', async () => {
    const store = acceptedOnce(schema.postgres)
    const jti = fresh()
    expect(await Promise.all([1, 2, 3].map(() => store.accept('north', jti, soon)))).toEqual([true, false, false])
  })

  it('tells issuers apart, also where one name runs into the next', async () => {
    const store = acceptedOnce(schema.postgres)
    const jti = fresh()
    const together = [
      store.accept('north', jti, soon),
      store.accept('south', jti, soon),
      store.accept('north\n', jti, soon),
      store.accept('north', `\n${jti}`, soon),
    ]
    expect(await Promise.all(together)).toEqual([true, true, true, true])
  })

  it.each<[string, string, number]>([
    ['a NUL', `nul \0 ${fresh()}`, soon],
    ['half a surrogate pair', `half \ud800 ${fresh()}`, soon],
    ['a fraction of a second', fresh(), soon + 0.5],
    ['an expiry beyond every calendar', fresh(), Number.MAX_SAFE_INTEGER],
  ])('takes %s as it takes the rest, and spoils no other use of its batch', async (_, jti, expiresAt) => {
    const store = acceptedOnce(schema.postgres)
    const uses = [store.accept('north', fresh(), soon), store.accept('north', jti, expiresAt)]
    expect(await Promise.all(uses)).toEqual([true, true])
    expect(await store.accept('north', jti, expiresAt)).toBe(false)
  })

  it('accepts nothing while the database is away', async () => {
    const away = acceptedOnce(schema.open({ port: 1 }))
    await expect(away.accept('north', fresh(), soon)).rejects.toMatchObject(because('UNAVAILABLE'))
  })
})

describe('forgetExpiredUses', () => {
  it('keeps a use for two minutes after its message expired, and no longer', async () => {
    const store = acceptedOnce(schema.postgres)
    const jti = fresh()
    await store.accept('north', jti, soon)
    await forgetExpiredUses(schema.postgres, (soon + 119) * 1000)
    expect(await store.accept('north', jti, soon)).toBe(false)
    await forgetExpiredUses(schema.postgres, (soon + 121) * 1000)
    expect(await store.accept('north', jti, soon)).toBe(true)
  })
})
