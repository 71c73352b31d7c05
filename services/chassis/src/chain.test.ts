import { CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'
import { DeliverRequest, DeliverResponse } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import type { MemberId, SubjectId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Caller } from './caller.js'
import { type ChainNeeds, endpointsOf, type Incoming } from './chain.js'
import { anybody, because, definitionOf, methodOf, readableLog, ruleOf, stoppedClock } from './contract.fixture.js'
import { Idempotency } from './idempotency.js'
import { jointly, jointWrite } from './joint.js'
import { deferred, openSchema, type TestSchema } from './postgres.fixture.js'
import type { EarlyRefusal, EffectRpc, PlainRpc, Rpc } from './rpc.js'

type Answering = Rpc<DeliverRequest, DeliverResponse>

let schema: TestSchema
beforeAll(async () => {
  schema = await openSchema()
  await schema.postgres.query('CREATE TABLE effect (topic text)')
})
afterAll(() => schema.close())
beforeEach(() => schema.postgres.query('TRUNCATE effect, idempotency'))

const person: Caller = {
  kind: 'person',
  clientId: 'app',
  subject: 'p1.1.AAAAAAAAAAAAAAAAAAAAAA' as SubjectId,
  acr: 'eidas1',
  authTimeSeconds: 1,
  loginHandle: 'handle',
}
const needs = (change: Partial<ChainNeeds> = {}): ChainNeeds => ({
  clock: stoppedClock(),
  log: readableLog().log,
  idempotency: new Idempotency(schema.postgres, stoppedClock(), Buffer.alloc(32, 7)),
  hasRole: () => true,
  verifyAccessToken: (token) => {
    if (token !== 'good') throw new MeshError('TOKEN_SIGNATURE_INVALID')
    return person
  },
  ...change,
})

const request: DeliverRequest = {
  eventId: '',
  type: 'a',
  topic: 'topic',
  following: [],
  position: 1,
  data: Buffer.alloc(0),
  occurredAtMs: 0,
}
const bodyOf = (change: Partial<DeliverRequest> = {}): Uint8Array =>
  DeliverRequest.encode({ ...request, ...change }).finish()
const fields = z.object({ topic: z.string().max(20), position: z.number().int().min(0).max(3) })
const answers: PlainRpc<DeliverRequest, DeliverResponse> = {
  request: fields,
  handle: async () => ({ wasKnown: true, appliedUpTo: 0 }),
}
const takesEffect: EffectRpc<DeliverRequest, DeliverResponse> = {
  request: fields,
  effect: async ({ topic }, _, tx) => {
    await tx.query('INSERT INTO effect VALUES ($1)', [topic])
    return { wasKnown: true, appliedUpTo: 0 }
  },
}
const effects = async (): Promise<number> => (await schema.postgres.query('SELECT 1 FROM effect')).rowCount ?? 0

const endpoint = (
  rpc: Answering,
  {
    method = methodOf('Do', anybody, 'IDEMPOTENT'),
    ...change
  }: Partial<ChainNeeds> & { method?: ReturnType<typeof methodOf> } = {},
) => {
  const found = endpointsOf(definitionOf({ do: method }), { do: rpc } as never, needs(change)).get('Do')
  if (!found) throw new Error('no endpoint')
  return (incoming: Partial<Incoming> = {}) =>
    found({ door: 'grpc', peer: { kind: 'unproved' }, body: bodyOf(), deadlineMs: 1000, ...incoming })
}
const effectEndpoint = (rpc: Answering = takesEffect, rule = anybody) => endpoint(rpc, { method: methodOf('Do', rule) })

describe('a server refuses to start', () => {
  const start = (method: ReturnType<typeof methodOf>, implementation: object) => () =>
    endpointsOf(definitionOf({ do: method }), implementation as never, needs())

  it.each<[string, ReturnType<typeof methodOf>]>([
    ['no access rule', methodOf('Do', undefined, 'IDEMPOTENT')],
    ['an access rule for nobody', methodOf('Do', { scope: 'read' }, 'IDEMPOTENT')],
    [
      'an access rule for an unspecified caller',
      methodOf('Do', { callers: [CallerKind.CALLER_KIND_UNSPECIFIED] }, 'IDEMPOTENT'),
    ],
  ])('with an RPC that has %s', (_, method) => {
    expect(start(method, { do: answers })).toThrow('unefois.test.v1.TestService/Do has no access rule')
  })

  it('with an RPC that nobody implements', () => {
    expect(start(methodOf('Do', anybody, 'IDEMPOTENT'), {})).toThrow('has no implementation')
  })

  it.each<[string, ReturnType<typeof methodOf>, Answering]>([
    ['an effect that the contract calls idempotent', methodOf('Do', anybody, 'IDEMPOTENT'), takesEffect],
    ['an effect that the contract calls free of effects', methodOf('Do', anybody, 'NO_SIDE_EFFECTS'), takesEffect],
    ['no effect where the contract gives no idempotency level', methodOf('Do', anybody), answers],
  ])('with %s', (_, method, rpc) => {
    expect(start(method, { do: rpc })).toThrow('an effect exactly when')
  })
})

describe('the chain', () => {
  const members = ruleOf({ callers: [CallerKind.CALLER_KIND_PERSON], minimumAcr: 'eidas2' })
  const bad: Partial<Incoming> = { deadlineMs: 1, accessToken: 'bad', body: Buffer.from([255]) }

  it.each<[string, Partial<Incoming>]>([
    ['DEADLINE_MISSING', { ...bad, deadlineMs: undefined } as never],
    ['DEADLINE_EXCEEDED', bad],
    ['TOKEN_SIGNATURE_INVALID', { ...bad, deadlineMs: 1000 }],
    ['ASSURANCE_TOO_LOW', { ...bad, deadlineMs: 1000, accessToken: 'good' }],
  ])('asks in order: with everything wrong that comes after it, answers %s', async (reason, incoming) => {
    const call = effectEndpoint(takesEffect, members)
    await expect(call(incoming)).rejects.toMatchObject(because(reason))
  })

  it.each<[string, Partial<Incoming>]>([
    ['REQUEST_MALFORMED', { body: Buffer.from([255]), idempotencyKey: '' }],
    ['REQUEST_INVALID', { body: bodyOf({ position: 9 }) }],
    ['IDEMPOTENCY_KEY_MISSING', {}],
  ])('asks for the request last, and then for the key: answers %s', async (reason, incoming) => {
    await expect(effectEndpoint()(incoming)).rejects.toMatchObject(because(reason))
    expect(await effects()).toBe(0)
  })

  it('refuses a caller without a token where one is asked', async () => {
    await expect(effectEndpoint(takesEffect, members)()).rejects.toMatchObject(because('TOKEN_MISSING'))
  })

  it.each<[string, Uint8Array]>([
    ['a message cut off', bodyOf().slice(0, -1)],
    ['a field of no kind', Buffer.from([0x0f, 1, 2])],
    ['a number beyond what a number holds', Buffer.from([0x18, ...Array<number>(9).fill(0xff), 1])],
    ['a length beyond the message', Buffer.from([0x22, 0xff, 0xff, 0xff, 0xff, 0x0f])],
  ])('refuses %s as malformed', async (_, body) => {
    await expect(endpoint(answers)({ body })).rejects.toMatchObject(because('REQUEST_MALFORMED'))
  })

  it('names the field that is not allowed', async () => {
    await expect(endpoint(answers)({ body: bodyOf({ position: 9 }) })).rejects.toMatchObject({
      ...because('REQUEST_INVALID', { field: 'position' }),
      message: expect.stringContaining('position'),
    })
  })

  it('refuses an unspecified or an unknown value of an enum', async () => {
    const kinds = z.object({ position: z.enum({ A: 1, B: 2 }) })
    const call = endpoint({ ...answers, request: kinds })
    for (const position of [0, 7])
      await expect(call({ body: bodyOf({ position }) })).rejects.toMatchObject(because('REQUEST_INVALID'))
    expect(DeliverResponse.decode(await call({ body: bodyOf({ position: 1 }) }))).toEqual({
      wasKnown: true,
      appliedUpTo: 0,
    })
  })

  it('answers INTERNAL for what nobody foresaw, and keeps its detail for the log', async () => {
    const { log, lines } = readableLog()
    const failing = { ...answers, handle: () => Promise.reject(new Error('row 17 of table secrets')) }
    const error = await endpoint(failing, { log })().catch((thrown) => thrown as MeshError)
    expect(error).toMatchObject(because('INTERNAL'))
    expect((error as MeshError).message).not.toContain('17')
    expect(lines()).toMatchObject([
      {
        msg: 'rpc failed',
        reason: 'INTERNAL',
        method: 'unefois.test.v1.TestService/Do',
        door: 'grpc',
        err: { message: 'row 17 of table secrets' },
      },
    ])
  })

  it('answers DEADLINE_EXCEEDED when the handler takes longer than the caller has', async () => {
    const slow = { ...answers, handle: () => new Promise<never>(() => undefined) }
    await expect(endpoint(slow)({ deadlineMs: 6 })).rejects.toMatchObject(because('DEADLINE_EXCEEDED'))
  })

  it('refuses with what its door found before it looks at anybody', async () => {
    const doorRefusal = new MeshError('TOKEN_MALFORMED')
    await expect(endpoint(answers)({ doorRefusal })).rejects.toBe(doorRefusal)
  })

  it('tells the handler who calls, until when, through which door, and with which token and key', async () => {
    let seen: unknown
    const curious: Answering = {
      ...answers,
      handle: async (_, call) => {
        seen = { ...call, deadline: call.deadline.remainingMs() }
        return { wasKnown: false, appliedUpTo: 0 }
      },
    }
    await endpoint(curious)({ door: 'home', accessToken: 'good', idempotencyKey: 'key-00001' })
    expect(seen).toEqual({
      caller: person,
      deadline: 1000,
      door: 'home',
      accessToken: 'good',
      idempotencyKey: 'key-00001',
    })
  })

  it.each<[string, Partial<Incoming>, object]>([
    [
      'a neighbour that the broker proved',
      { peer: { kind: 'neighbour', service: 'desk' } },
      { kind: 'neighbour', service: 'desk' },
    ],
    [
      'a person whose token a neighbour carries',
      { peer: { kind: 'neighbour', service: 'desk' }, accessToken: 'good' },
      { kind: 'person' },
    ],
    [
      'a member, whatever token it sends',
      {
        peer: { kind: 'member', caller: { kind: 'member', member: 'north' as MemberId, service: 'desk' } },
        accessToken: 'good',
      },
      { kind: 'member', member: 'north' },
    ],
    ['nobody', {}, { kind: 'anyone' }],
  ])('takes for caller %s', async (_, incoming, caller) => {
    let seen: unknown
    const call = endpoint({
      ...answers,
      handle: async (_request, { caller: found }) => {
        seen = found
        return { wasKnown: false, appliedUpTo: 0 }
      },
    })
    await call(incoming)
    expect(seen).toMatchObject(caller)
  })
})

describe('an effect', () => {
  it.each(['short', 'has a space', 'ünïcödé-key', 'x'.repeat(129), ''])(
    'refuses the key "%s"',
    async (idempotencyKey) => {
      await expect(effectEndpoint()({ idempotencyKey })).rejects.toMatchObject(because('REQUEST_INVALID'))
      expect(await effects()).toBe(0)
    },
  )

  it('refuses the same key with another body', async () => {
    const call = effectEndpoint()
    await call({ idempotencyKey: 'key-00001' })
    const again = call({ idempotencyKey: 'key-00001', body: bodyOf({ topic: 'other' }) })
    await expect(again).rejects.toMatchObject(because('IDEMPOTENCY_KEY_REUSED'))
    expect(await effects()).toBe(1)
  })

  it('is rolled back with its key when the handler refuses', async () => {
    let isRefusing = true
    const call = effectEndpoint({
      ...takesEffect,
      effect: async (asked, called, tx) => {
        const response = await takesEffect.effect(asked, called, tx)
        if (isRefusing) throw new MeshError('RATE_LIMITED')
        return response
      },
    })
    await expect(call({ idempotencyKey: 'key-00001' })).rejects.toMatchObject(because('RATE_LIMITED'))
    expect(await effects()).toBe(0)
    isRefusing = false
    await call({ idempotencyKey: 'key-00001' })
    expect(await effects()).toBe(1)
  })

  it('happens once under concurrent calls with one key, which all get the same bytes', async () => {
    const call = effectEndpoint()
    const responses = await Promise.all(Array.from({ length: 10 }, () => call({ idempotencyKey: 'key-00001' })))
    expect(await effects()).toBe(1)
    for (const response of responses) expect(Buffer.from(response).equals(Buffer.from(responses[0] ?? []))).toBe(true)
  })

  it('shares a transaction with others only where this request may', async () => {
    const transactions: string[] = []
    const mark = jointWrite<string, string>(async (db, topics) => {
      await db.query('INSERT INTO effect SELECT unnest($1::text[])', [topics])
      const { rows } = await db.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id')
      return topics.map(() => rows[0]?.id ?? '')
    })
    const call = effectEndpoint({
      request: fields,
      mayJoin: ({ position }) => position === 1,
      effect: async ({ topic }, _, tx) => {
        transactions.push(await jointly(tx, mark, topic))
        return { wasKnown: true, appliedUpTo: 0 }
      },
    })
    const keys = Array.from({ length: 6 }, (_, n) => `key-0000${n}`)
    await Promise.all(keys.map((idempotencyKey) => call({ idempotencyKey, body: bodyOf({ position: 2 }) })))
    expect(new Set(transactions).size).toBe(6)
    await Promise.all(keys.map((key) => call({ idempotencyKey: `${key}-joined` })))
    expect(new Set(transactions.slice(6)).size).toBeLessThan(6)
    expect(await effects()).toBe(12)
  })

  it('does not share a key between two callers', async () => {
    const call = effectEndpoint(
      takesEffect,
      ruleOf({ callers: [CallerKind.CALLER_KIND_NEIGHBOUR], neighbours: ['desk', 'counter'] }),
    )
    for (const service of ['desk', 'counter'])
      await call({ idempotencyKey: 'key-00001', peer: { kind: 'neighbour', service } })
    expect(await effects()).toBe(2)
  })

  it('that outlives its deadline is there for the retry', async () => {
    const [started, gate] = [deferred(), deferred()]
    const call = effectEndpoint({
      ...takesEffect,
      effect: async (asked, called, tx) => {
        started.resolve()
        await gate.promise
        return takesEffect.effect(asked, called, tx)
      },
    })
    const late = expect(call({ idempotencyKey: 'key-00001', deadlineMs: 5 })).rejects.toMatchObject(
      because('DEADLINE_EXCEEDED'),
    )
    await started.promise
    await late
    gate.resolve()
    await call({ idempotencyKey: 'key-00001' })
    expect(await effects()).toBe(1)
  })
})

describe('a request that is evaluated again', () => {
  it('refuses the same key with another body, and runs each time', async () => {
    let runs = 0
    const call = endpoint({ ...answers, handle: async () => ({ wasKnown: ++runs > 1, appliedUpTo: 0 }) })
    await call({ idempotencyKey: 'key-00001' })
    await call({ idempotencyKey: 'key-00001' })
    await call()
    const other = call({ idempotencyKey: 'key-00001', body: bodyOf({ topic: 'other' }) })
    await expect(other).rejects.toMatchObject(because('IDEMPOTENCY_KEY_REUSED'))
    expect(runs).toBe(3)
  })
})

describe('an early refusal', () => {
  const member: Partial<Incoming> = {
    door: 'mesh',
    provedMember: 'south',
    peer: { kind: 'member', caller: { kind: 'member', member: 'south' as MemberId, service: 'desk' } },
  }
  const recording = (rpc: Partial<PlainRpc<DeliverRequest, DeliverResponse>> = {}, rule = anybody) => {
    const recorded: EarlyRefusal<DeliverRequest>[] = []
    const { log, lines } = readableLog()
    const onEarlyRefusal = async (refusal: EarlyRefusal<DeliverRequest>) => void recorded.push(refusal)
    const call = endpoint({ ...answers, onEarlyRefusal, ...rpc }, { log, method: methodOf('Do', rule, 'IDEMPOTENT') })
    return { call, recorded, lines }
  }

  it.each<[string, Partial<Incoming>, typeof anybody]>([
    ['SENDER_MISMATCH', { peer: { kind: 'unproved' }, doorRefusal: new MeshError('SENDER_MISMATCH') }, anybody],
    ['TOKEN_REPLAYED', { peer: { kind: 'unproved' }, doorRefusal: new MeshError('TOKEN_REPLAYED') }, anybody],
    ['CALLER_NOT_ALLOWED', {}, ruleOf({ callers: [CallerKind.CALLER_KIND_MEMBER], memberServices: ['other'] })],
  ])('with %s is told with the request and the member that the broker proved', async (reason, incoming, rule) => {
    const { call, recorded } = recording({}, rule)
    await expect(call({ ...member, ...incoming })).rejects.toMatchObject(because(reason))
    expect(recorded).toMatchObject([{ request: { topic: 'topic' }, member: 'south', error: because(reason) }])
  })

  it('is none once the handler has run', async () => {
    const { call, recorded } = recording({ handle: () => Promise.reject(new MeshError('RATE_LIMITED')) })
    await expect(call(member)).rejects.toMatchObject(because('RATE_LIMITED'))
    expect(recorded).toEqual([])
  })

  it('is told of nobody whom the broker did not prove', async () => {
    const { call, recorded } = recording()
    await expect(call({ doorRefusal: new MeshError('TOKEN_MALFORMED') })).rejects.toMatchObject(
      because('TOKEN_MALFORMED'),
    )
    expect(recorded).toEqual([])
  })

  it('of a request that cannot be read stays the refusal it was', async () => {
    const { call, recorded } = recording()
    const doorRefusal = new MeshError('TOKEN_REPLAYED')
    await expect(call({ ...member, doorRefusal, body: Buffer.from([255]) })).rejects.toBe(doorRefusal)
    expect(recorded).toEqual([])
  })

  it('that cannot be put on record stays the refusal it was, and is logged', async () => {
    const { call, lines } = recording({ onEarlyRefusal: () => Promise.reject(new Error('disk full')) })
    const doorRefusal = new MeshError('TOKEN_REPLAYED')
    await expect(call({ ...member, doorRefusal })).rejects.toBe(doorRefusal)
    expect(lines().map(({ msg }) => msg)).toContain('an early refusal could not be put on record')
  })
})
