import type { EventEmitter } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { because } from './contract.fixture.js'
import { cutConnections, openSchema, type TestSchema } from './postgres.fixture.js'
import type { Postgres } from './postgres.js'

let schema: TestSchema
beforeAll(async () => {
  schema = await openSchema()
  await schema.postgres.query('CREATE TABLE kept (name text PRIMARY KEY, at_ms bigint)')
})
afterAll(() => schema.close())

const backendOf = async (db: Pick<Postgres, 'query'>): Promise<number> =>
  (await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid as number
const cut = (pid: number) => schema.postgres.query('SELECT pg_terminate_backend($1, 5000)', [pid])
const isKept = async (name: string): Promise<boolean> =>
  (await schema.postgres.query('SELECT 1 FROM kept WHERE name = $1', [name])).rowCount === 1
const keep = (db: Pick<Postgres, 'query'>, name: string) => db.query('INSERT INTO kept (name) VALUES ($1)', [name])

describe('a transaction', () => {
  it('is rolled back when its work throws, and throws the same', async () => {
    const failure = new Error('no')
    const work = schema.postgres.transaction(async (tx) => {
      await keep(tx, 'thrown')
      throw failure
    })
    await expect(work).rejects.toBe(failure)
    expect(await isKept('thrown')).toBe(false)
  })

  it('is rolled back when a statement fails', async () => {
    const work = schema.postgres.transaction(async (tx) => {
      await keep(tx, 'twice')
      await keep(tx, 'twice')
    })
    await expect(work).rejects.toMatchObject({ code: '23505' })
    expect(await isKept('twice')).toBe(false)
  })

  it('never passes for committed when its work hid a failed statement', async () => {
    const work = schema.postgres.transaction(async (tx) => {
      await keep(tx, 'hidden')
      await keep(tx, 'hidden').catch(() => undefined)
      return 'all is well'
    })
    await expect(work).rejects.toThrow('rolled back')
    expect(await isKept('hidden')).toBe(false)
  })

  it('commits, and answers what its work answers', async () => {
    expect(await schema.postgres.transaction(async (tx) => (await keep(tx, 'kept')).rowCount)).toBe(1)
    expect(await isKept('kept')).toBe(true)
  })

  it('gives its connection back after a failure, however small the pool', async () => {
    const small = schema.open({ poolSize: 1 })
    for (let n = 0; n < 5; n++)
      await expect(small.transaction((tx) => tx.query('SELECT 1/0'))).rejects.toMatchObject({ code: '22012' })
    expect((await small.query<{ one: number }>('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })
})

describe('a connection that is lost', () => {
  it('between two statements of a transaction is UNAVAILABLE, ends no process, and goes back to no pool', async () => {
    const pool = schema.open({ poolSize: 1 })
    let lost = 0
    const work = pool.transaction(async (tx) => {
      lost = await backendOf(tx)
      await keep(tx, 'lost')
      await cut(lost)
      await keep(tx, 'lost too')
    })
    await expect(work).rejects.toMatchObject(because('UNAVAILABLE'))
    expect(await isKept('lost')).toBe(false)
    expect(await backendOf(pool)).not.toBe(lost)
  })

  it('after the last statement is UNAVAILABLE at the commit', async () => {
    const pool = schema.open({ poolSize: 1 })
    const work = pool.transaction(async (tx) => {
      await keep(tx, 'uncommitted')
      await cut(await backendOf(tx))
    })
    await expect(work).rejects.toMatchObject(because('UNAVAILABLE'))
    expect(await isKept('uncommitted')).toBe(false)
  })

  it('during a statement is UNAVAILABLE', async () => {
    const pool = schema.open({ poolSize: 1 })
    const pid = await backendOf(pool)
    const waiting = expect(pool.query('SELECT pg_sleep(30)')).rejects.toMatchObject(because('UNAVAILABLE'))
    await cut(pid)
    await waiting
    expect(await backendOf(pool)).not.toBe(pid)
  })

  it('is heard of at every moment, also between one caller and the next', async () => {
    const listening: number[] = []
    await schema.postgres.transaction(async (tx) => {
      const connection = tx as unknown as EventEmitter
      connection.on('removeListener', (name) => {
        if (name === 'error') listening.push(connection.listenerCount('error'))
      })
    })
    await Promise.all([1, 2, 3].map(() => schema.postgres.transaction((tx) => tx.query('SELECT 1'))))
    expect(listening.length).toBeGreaterThan(0)
    expect(Math.min(...listening)).toBeGreaterThan(0)
  })

  it('without a word is UNAVAILABLE in the end, and goes back to no pool', async () => {
    const pool = schema.open({ poolSize: 1, longestAnswerMs: 300 })
    for (const ask of [() => pool.query('SELECT 1'), () => pool.transaction((tx) => tx.query('SELECT 1'))]) {
      const pid = await backendOf(pool)
      // A server that is stopped keeps its connections, as one does whose machine has gone.
      process.kill(pid, 'SIGSTOP')
      try {
        await expect(ask()).rejects.toMatchObject(because('UNAVAILABLE'))
        expect(await backendOf(pool)).not.toBe(pid)
      } finally {
        process.kill(pid, 'SIGCONT')
      }
    }
  })

  it('while idle is replaced', async () => {
    const pool = schema.open()
    const before = await Promise.all([backendOf(pool), backendOf(pool)])
    expect(await cutConnections(schema)).toBeGreaterThanOrEqual(2)
    await expect.poll(() => backendOf(pool).catch(() => before[0])).not.toBe(before[0])
  })
})

describe('a database that is away', () => {
  it.each<[string, object]>([
    ['no server on the port', { port: 1 }],
    ['no such host', { host: 'nowhere.invalid' }],
  ])('is UNAVAILABLE: %s', async (_, change) => {
    const away = schema.open(change)
    await expect(away.query('SELECT 1')).rejects.toMatchObject(because('UNAVAILABLE'))
    await expect(away.transaction(async () => 1)).rejects.toMatchObject(because('UNAVAILABLE'))
    await expect(away.session()).rejects.toMatchObject(because('UNAVAILABLE'))
  })

  it('is UNAVAILABLE once the pool was closed', async () => {
    const closed = schema.open()
    await closed.close()
    await expect(closed.query('SELECT 1')).rejects.toMatchObject(because('UNAVAILABLE'))
  })

  it('says in its own words that a password is wrong: waiting would not help', async () => {
    await expect(schema.open({ password: 'wrong' }).query('SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  })
})

describe('values', () => {
  it('gives int8 as a number, in rows, counts and transactions', async () => {
    const text = 'SELECT 1800000000000::int8 AS at_ms, count(*) AS many, NULL::int8 AS none'
    const expected = [{ at_ms: 1_800_000_000_000, many: 1, none: null }]
    expect((await schema.postgres.query(text)).rows).toEqual(expected)
    expect(await schema.postgres.transaction(async (tx) => (await tx.query(text)).rows)).toEqual(expected)
  })
})

describe('a session', () => {
  it('holds its locks until it ends, and knows when it was lost', async () => {
    const [holder, other] = await Promise.all([schema.postgres.session(), schema.postgres.session()])
    const take = async (): Promise<boolean> =>
      (await other.query<{ ok: boolean }>('SELECT pg_try_advisory_lock(77, 7) AS ok')).rows[0]?.ok === true
    await holder.query('SELECT pg_advisory_lock(77, 7)')
    expect(await take()).toBe(false)
    await cut(await backendOf(holder))
    await expect.poll(() => holder.isOpen()).toBe(false)
    expect(await take()).toBe(true)
    await expect(holder.query('SELECT 1')).rejects.toMatchObject(because('UNAVAILABLE'))
    await other.end()
    expect(other.isOpen()).toBe(false)
  })
})
