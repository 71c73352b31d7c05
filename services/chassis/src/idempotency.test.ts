import { randomBytes } from 'node:crypto'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { because, stoppedClock } from './contract.fixture.js'
import { Idempotency } from './idempotency.js'
import type { IdempotentUse } from './idempotency-table.js'
import { jointly, jointRead, jointWrite } from './joint.js'
import { deferred, openSchema, type TestSchema } from './postgres.fixture.js'
import type { Transaction } from './postgres.js'

let schema: TestSchema
beforeAll(async () => {
  schema = await openSchema()
  await schema.postgres.query('CREATE TABLE effect (key text)')
})
afterAll(() => schema.close())
beforeEach(() => schema.postgres.query('TRUNCATE effect, idempotency'))

const use = (change: Partial<IdempotentUse> = {}): IdempotentUse => ({
  caller: 'system:erp',
  method: 'unefois.test.v1.TestService/Do',
  key: 'key-00001',
  request: Buffer.from('request'),
  ...change,
})
const effect =
  (answer = 'answer') =>
  async (tx: Transaction): Promise<Uint8Array> => {
    await tx.query('INSERT INTO effect VALUES ($1)', [answer])
    return Buffer.from(answer)
  }
const effects = async (): Promise<number> => (await schema.postgres.query('SELECT 1 FROM effect')).rowCount ?? 0
const answerKey = randomBytes(32)
const opened = (clock = stoppedClock()) => new Idempotency(schema.postgres, clock, answerKey)

describe('an idempotency key', () => {
  it('is refused with another request, and the effect stays one', async () => {
    await opened().once(use(), effect())
    const again = opened().once(use({ request: Buffer.from('another') }), effect())
    await expect(again).rejects.toMatchObject(because('IDEMPOTENCY_KEY_REUSED'))
    expect(await effects()).toBe(1)
  })

  it('is refused while its first request runs longer than a caller waits', async () => {
    const [started, gate] = [deferred(), deferred()]
    const first = opened().once(use(), async (tx) => {
      started.resolve()
      await gate.promise
      return effect()(tx)
    })
    await started.promise
    await expect(opened().once(use(), effect())).rejects.toMatchObject(because('IDEMPOTENCY_IN_PROGRESS'))
    gate.resolve()
    await first
    expect(await effects()).toBe(1)
  })

  it('does not name a lock that the effect itself waits for', async () => {
    const held = await schema.postgres.session()
    await held.query('SELECT pg_advisory_lock(5, 5)')
    const waiting = opened().once(use(), async (tx) => {
      const { rows } = await tx.query<{ lock_timeout: string }>('SHOW lock_timeout')
      return Buffer.from(rows[0]?.lock_timeout ?? '')
    })
    expect(Buffer.from(await waiting).toString()).toBe('0')
    await held.end()
  })

  it('is free again when the effect was refused, and nothing of the effect is left', async () => {
    const refused = opened().once(use(), async (tx) => {
      await effect()(tx)
      throw new Error('refused')
    })
    await expect(refused).rejects.toThrow('refused')
    expect(await effects()).toBe(0)
    await opened().once(use({ request: Buffer.from('another') }), effect())
    expect(await effects()).toBe(1)
  })

  it('gives a retry the first answer, byte for byte, and no second effect', async () => {
    const bytes = Buffer.from([0, 255, 128, 10, 0])
    expect(await opened().once(use(), async () => bytes)).toEqual(bytes)
    const retry = await opened().once(use(), effect('second'))
    expect(Buffer.from(retry)).toEqual(bytes)
    expect(await effects()).toBe(0)
  })

  it('keeps no answer in clear, and gives none that was moved to another key', async () => {
    const said = 'what a person said'
    await opened().once(use(), effect(said))
    await opened().once(use({ key: 'key-00002' }), effect('something else'))
    const kept = await schema.postgres.query<{ response: Buffer }>('SELECT response FROM idempotency')
    expect(kept.rows.map(({ response }) => response.includes(said))).toEqual([false, false])
    await schema.postgres.query(
      `UPDATE idempotency SET response = (SELECT response FROM idempotency WHERE key = 'key-00002') WHERE key = 'key-00001'`,
    )
    await expect(opened().once(use(), effect())).rejects.toThrow()
  })

  it('gives an empty answer back as an empty answer', async () => {
    await opened().once(use(), async () => new Uint8Array())
    expect((await opened().once(use(), effect())).length).toBe(0)
    expect(await effects()).toBe(0)
  })

  it('has one effect under concurrent retries in two processes', async () => {
    const processes = [opened(), new Idempotency(schema.open(), stoppedClock(), answerKey)] as const
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => processes[(n % 2) as 0 | 1].once(use(), effect(`answer ${n}`))),
    )
    expect(await effects()).toBe(1)
    expect(new Set(answers.map((answer) => Buffer.from(answer).toString())).size).toBe(1)
  })

  it('belongs to one caller and one method', async () => {
    const uses = [use(), use({ caller: 'system:other' }), use({ method: 'unefois.test.v1.TestService/Undo' })]
    for (const each of uses) await opened().once(each, effect())
    expect(await effects()).toBe(3)
  })

  it('is forgotten after 24 hours, not before', async () => {
    const clock = stoppedClock()
    await opened(clock).once(use(), effect())
    clock.advance(24 * 3600 * 1000 - 1)
    await opened(clock).forgetExpired()
    await opened(clock).once(use(), effect())
    expect(await effects()).toBe(1)
    clock.advance(2)
    await opened(clock).forgetExpired()
    await opened(clock).once(use(), effect())
    expect(await effects()).toBe(2)
  })
})

describe('effects that come together', () => {
  const mark = jointWrite<string, void>(async (db, marks) => {
    runs += 1
    await db.query('INSERT INTO effect SELECT unnest($1::text[])', [marks])
    return marks.map(() => undefined)
  })
  let runs = 0
  beforeEach(() => {
    runs = 0
  })
  const marking =
    (answer = 'answer') =>
    async (tx: Transaction): Promise<Uint8Array> => {
      await jointly(tx, mark, answer)
      return Buffer.from(answer)
    }
  const joinedBy = (
    service: Idempotency,
    used: IdempotentUse,
    effect: (tx: Transaction) => Promise<Uint8Array>,
    remainingMs = 10_000,
  ) => service.onceJoined(used, effect, { remainingMs: () => remainingMs })
  const uses = Array.from({ length: 12 }, (_, n) => use({ key: `key-0000${n}` }))

  it('are refused alone: another request under a known key, and what the effect refuses', async () => {
    const service = opened()
    await joinedBy(service, use({ key: 'key-known' }), marking())
    const refusing = async (tx: Transaction): Promise<Uint8Array> => {
      await jointly(tx, reading, undefined)
      throw new MeshError('RATE_LIMITED')
    }
    const outcomes = await Promise.allSettled([
      joinedBy(service, use({ key: 'key-known', request: Buffer.from('another') }), marking()),
      joinedBy(service, use({ key: 'key-refused' }), refusing),
      ...uses.map((each) => joinedBy(service, each, marking())),
    ])
    expect(outcomes.slice(0, 2)).toMatchObject([
      { reason: because('IDEMPOTENCY_KEY_REUSED') },
      { reason: because('RATE_LIMITED') },
    ])
    expect(outcomes.slice(2).every(({ status }) => status === 'fulfilled')).toBe(true)
    expect(await effects()).toBe(1 + uses.length)
    // A refusal is not remembered: the key is free.
    await joinedBy(service, use({ key: 'key-refused' }), marking())
  })
  const reading = jointRead<undefined, void>(async (_, items) => items.map(() => undefined))

  it('are not run for a caller who has given up before they began', async () => {
    const service = opened()
    const [gone, waits] = await Promise.allSettled([
      joinedBy(service, use({ key: 'key-gone' }), marking(), 0),
      joinedBy(service, use({ key: 'key-waits' }), marking()),
    ])
    expect(gone).toMatchObject({ reason: because('DEADLINE_EXCEEDED') })
    expect([waits.status, await effects()]).toEqual(['fulfilled', 1])
  })

  it('are not run for a caller who has given up while no connection was free', async () => {
    const service = new Idempotency(schema.open({ poolSize: 1 }), stoppedClock(), answerKey)
    const { promise: isHeld, resolve: hold } = deferred()
    const { promise: isFree, resolve: free } = deferred()
    const first = service.once(use({ key: 'key-first' }), async () => {
      hold()
      await isFree
      return Buffer.from('first')
    })
    await isHeld
    let leftMs = 10_000
    const gone = service.onceJoined(use({ key: 'key-gone' }), marking(), { remainingMs: () => leftMs })
    await new Promise((resolve) => setImmediate(resolve))
    leftMs = 0
    free()
    await expect(gone).rejects.toMatchObject(because('DEADLINE_EXCEEDED'))
    await first
    expect(await effects()).toBe(0)
  })

  it('are not run once more, apart, for a caller who has given up meanwhile', async () => {
    let [leftMs, tries] = [10_000, 0]
    const leaving = async (tx: Transaction): Promise<Uint8Array> => {
      tries += 1
      leftMs = 0
      return effect()(tx)
    }
    const gone = opened().onceJoined(use(), leaving, { remainingMs: () => leftMs })
    await expect(gone).rejects.toMatchObject(because('DEADLINE_EXCEEDED'))
    expect([tries, await effects()]).toEqual([1, 0])
  })

  it('run once each where one comes while its first try goes on', async () => {
    const service = opened()
    const twice = use({ key: 'key-twice' })
    const { promise: isUnderWay, resolve: begin } = deferred()
    const { promise: isFree, resolve: free } = deferred()
    const slow = async (tx: Transaction): Promise<Uint8Array> => {
      begin()
      await isFree
      return effect('first')(tx)
    }
    const first = joinedBy(service, twice, slow)
    await isUnderWay
    let runsOfOthers = 0
    const counting = async (tx: Transaction): Promise<Uint8Array> => {
      runsOfOthers += 1
      return marking()(tx)
    }
    const retry = joinedBy(service, twice, effect('second'))
    await Promise.all(uses.map((each) => joinedBy(service, each, counting)))
    free()
    expect(await first).toEqual(await retry)
    expect(await effects()).toBe(1 + uses.length)
    expect(runsOfOthers).toBe(uses.length)
  })

  it('wait for no lock that another transaction keeps: who needs it runs apart, and once', async () => {
    const held = await schema.postgres.session()
    await held.query('SELECT pg_advisory_lock(5, 6)')
    const locked = jointRead<undefined, void>(async (db, items) => {
      await db.query('SELECT pg_advisory_xact_lock(5, 6)')
      return items.map(() => undefined)
    })
    const service = opened()
    const waits = joinedBy(service, use({ key: 'key-waits' }), async (tx) => {
      await jointly(tx, locked, undefined)
      return marking('late')(tx)
    })
    const others = await Promise.all(uses.map((each) => joinedBy(service, each, marking())))
    expect(others).toHaveLength(uses.length)
    await held.end()
    expect(Buffer.from(await waits).toString()).toBe('late')
    expect(await effects()).toBe(1 + uses.length)
  })

  it('are each run once although the transaction of all was undone', async () => {
    const service = opened()
    let tries = 0
    const unlucky = async (tx: Transaction): Promise<Uint8Array> => {
      await marking('unlucky')(tx)
      tries += 1
      if (tries === 1) throw new Error('only the first time')
      return Buffer.from('lucky')
    }
    const all = [
      joinedBy(service, use({ key: 'key-unlucky' }), unlucky),
      ...uses.map((each) => joinedBy(service, each, marking())),
    ]
    const [first] = await Promise.all(all)
    expect(Buffer.from(first ?? []).toString()).toBe('lucky')
    expect(await effects()).toBe(1 + uses.length)
  })

  it('give a retry the first answer, whether it comes with the first try or later, in this process or another', async () => {
    const processes = [opened(), new Idempotency(schema.open(), stoppedClock(), answerKey)] as const
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => joinedBy(processes[(n % 2) as 0 | 1], use(), marking(`answer ${n}`))),
    )
    answers.push(await joinedBy(processes[0], use(), marking('later')))
    expect(new Set(answers.map((answer) => Buffer.from(answer).toString())).size).toBe(1)
    expect(await effects()).toBe(1)
  })

  it('share transactions, and are kept apart in what they answer', async () => {
    const service = opened()
    const answers = await Promise.all(uses.map((each, n) => joinedBy(service, each, marking(`answer ${n}`))))
    expect(answers.map((answer) => Buffer.from(answer).toString())).toEqual(uses.map((_, n) => `answer ${n}`))
    expect(runs).toBeLessThan(uses.length)
    const retried = await Promise.all(uses.map((each) => service.once(each, marking('again'))))
    expect(retried).toEqual(answers)
    expect(await effects()).toBe(uses.length)
  })
})

describe('a request that is evaluated again', () => {
  it('is refused with another request under its key, and otherwise let through each time', async () => {
    await opened().requireSameRequest(use())
    await opened().requireSameRequest(use())
    const other = opened().requireSameRequest(use({ request: Buffer.from('another') }))
    await expect(other).rejects.toMatchObject(because('IDEMPOTENCY_KEY_REUSED'))
  })
})
