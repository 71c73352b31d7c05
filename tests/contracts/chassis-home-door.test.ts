import { headers, type NatsConnection } from '@nats-io/transport-node'
import { systemClock } from '@unefois/chassis/clock'
import { because, definitionOf, methodOf } from '@unefois/chassis/contract.fixture'
import { Deadline } from '@unefois/chassis/deadline'
import { largestMessageBytes } from '@unefois/chassis/grpc-door'
import { type NeighbourCall, neighbourClient } from '@unefois/chassis/neighbour'
import { deferred } from '@unefois/chassis/postgres.fixture'
import type { Call, Rpc } from '@unefois/chassis/rpc'
import type { Runtime } from '@unefois/chassis/runtime'
import { type RunningService, startService } from '@unefois/chassis/service'
import { accessTokenType } from '@unefois/proto/access-token'
import { CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'
import { DeliverRequest, type DeliverResponse } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import type { MemberId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { callSubject, serveSubject } from '@unefois/proto/subjects'
import { signToken } from '@unefois/proto/token'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Ground, pairOfServices, startGround } from './_chassis-fixture.js'

const north = 'north' as MemberId
const forDocuments = {
  callers: [CallerKind.CALLER_KIND_NEIGHBOUR, CallerKind.CALLER_KIND_PERSON],
  neighbours: ['documents'],
}
const definition = definitionOf({
  ask: methodOf('Ask', forDocuments, 'NO_SIDE_EFFECTS'),
  act: methodOf('Act', forDocuments),
  forOthers: methodOf(
    'ForOthers',
    { callers: [CallerKind.CALLER_KIND_NEIGHBOUR], neighbours: ['identity'] },
    'IDEMPOTENT',
  ),
})
const request: DeliverRequest = {
  eventId: '',
  type: '',
  topic: '',
  following: [],
  position: 0,
  data: Buffer.alloc(0),
  occurredAtMs: 0,
}
const body = DeliverRequest.encode(request).finish()

let ground: Ground
let asking: Runtime
let answering: Runtime
let service: RunningService
/** A raw client with the credential of documents. */
let raw: NatsConnection
let handle: (call: Call) => Promise<DeliverResponse>
let seen: Call[]

beforeAll(async () => {
  ground = await startGround([{ id: north }], pairOfServices)
  const open = async (name: string) => ground.open(await ground.config(north, name), name)
  asking = await open('documents')
  answering = await open('consent')
  const config = await ground.config(north, 'consent')
  const plain: Rpc<DeliverRequest, DeliverResponse> = {
    request: z.object({ position: z.number().max(5) }),
    handle: (_, call) => {
      seen.push(call)
      return handle(call)
    },
  }
  const effect: Rpc<DeliverRequest, DeliverResponse> = {
    request: z.object({}),
    effect: (_, call) => {
      seen.push(call)
      return handle(call)
    },
  }
  service = await startService(answering, config, {
    definition,
    implementation: { ask: plain, act: effect, forOthers: plain },
    consumers: {},
  })
  raw = await ground.raw(north, 'documents', 'homeCalling')
})
afterAll(async () => {
  await raw.close()
  await service.stop()
  await asking.close()
  await ground.stop()
})
beforeEach(() => {
  seen = []
  handle = async () => ({ wasKnown: true, appliedUpTo: 0 })
})

const client = (name = 'consent', runtime = asking) => neighbourClient(runtime.bus, definition, name)
const within = (ms = 5000): NeighbourCall => ({ deadline: Deadline.after(ms, systemClock) })
const callerKey = (): string => asking.bus.homeCalling?.callerKey as string
const subjectOf = (method: string) => callSubject({ member: north, service: 'consent', method, callerKey: callerKey() })
/** What a neighbour's reply says when it is sent by hand. */
const askByHand = async (method: string, bytes: Uint8Array, given: Record<string, string>): Promise<string> => {
  const sent = headers()
  for (const [name, value] of Object.entries(given)) sent.set(name, value)
  const reply = await raw.request(subjectOf(method), bytes, { timeout: 5000, headers: sent })
  return reply.headers?.get('Unefois-Refusal') || 'answered'
}
const deadline = { 'Unefois-Deadline-Ms': '1000' }

describe('the home door', () => {
  it.each<[string, Record<string, string>, string]>([
    ['no deadline', {}, 'DEADLINE_MISSING'],
    ['an empty deadline', { 'Unefois-Deadline-Ms': '' }, 'DEADLINE_MISSING'],
    ['a deadline that is no number', { 'Unefois-Deadline-Ms': 'soon' }, 'DEADLINE_MISSING'],
    ['a deadline without end', { 'Unefois-Deadline-Ms': 'Infinity' }, 'DEADLINE_MISSING'],
    ['no time left', { 'Unefois-Deadline-Ms': '-1' }, 'DEADLINE_EXCEEDED'],
    ['a token that is none', { ...deadline, Authorization: 'Bearer x' }, 'TOKEN_MALFORMED'],
    ['a bad key', { ...deadline, 'Idempotency-Key': 'short' }, 'REQUEST_INVALID'],
  ])('refuses a request with %s', async (_, given, reason) => {
    expect(await askByHand('Ask', body, given)).toContain(reason)
    expect(seen).toEqual([])
  })

  it.each<[string, string, Uint8Array, string]>([
    ['bytes that are no message', 'Ask', Buffer.from([255]), 'REQUEST_MALFORMED'],
    [
      'a field that is not allowed',
      'Ask',
      DeliverRequest.encode({ ...request, position: 6 }).finish(),
      'REQUEST_INVALID',
    ],
    ['a message above the limit', 'Ask', Buffer.alloc(largestMessageBytes + 1), 'REQUEST_TOO_LARGE'],
    ['a method that it does not have', 'Other', body, 'METHOD_UNKNOWN'],
    ['a method of every object', 'constructor', body, 'METHOD_UNKNOWN'],
    ['a method for other neighbours', 'ForOthers', body, 'CALLER_NOT_ALLOWED'],
    ['an effect without a key', 'Act', body, 'IDEMPOTENCY_KEY_MISSING'],
  ])('refuses %s', async (_, method, bytes, reason) => {
    expect(await askByHand(method, bytes, deadline)).toContain(`"reason":"${reason}"`)
    expect(seen).toEqual([])
  })

  it('refuses a caller key that its configuration does not name', async () => {
    const config = await ground.config(north, 'documents')
    const stranger = await ground.open(config, 'documents')
    const known = answering.bus.neighbours as Record<string, string>
    const name = known[callerKey()] as string
    delete known[callerKey()]
    await expect(client('consent', stranger).ask(request, within())).rejects.toMatchObject(
      because('CALLER_NOT_ALLOWED'),
    )
    known[callerKey()] = name
    await stranger.close()
  })

  it('tells the handler which neighbour the broker proved, and how long it has', async () => {
    await client().ask(request, within(2000))
    expect(seen).toMatchObject([{ door: 'home', caller: { kind: 'neighbour', service: 'documents' } }])
    expect(seen[0]?.deadline.remainingMs()).toBeLessThanOrEqual(1990)
    expect(seen[0]?.deadline.remainingMs()).toBeGreaterThan(1000)
  })

  it('carries the idempotency key', async () => {
    await client().act(request, { ...within(), idempotencyKey: 'key-00001' })
    await client().act(request, { ...within(), idempotencyKey: 'key-00001' })
    expect(seen).toMatchObject([{ idempotencyKey: 'key-00001' }])
  })

  it("carries a person's token, whom the handler then meets", async () => {
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: north,
      aud: north,
      sub: 'p1.1.AAAAAAAAAAAAAAAAAAAAAA',
      client_id: 'app',
      jti: 'jti',
      iat: now,
      exp: now + 600,
      acr: 'eidas2',
      auth_time: now,
      lgh: 'handle',
    }
    const accessToken = signToken(accessTokenType, claims, ground.federation.keys(north, 'token').privateKey)
    await client().ask(request, { ...within(), accessToken })
    expect(seen).toMatchObject([
      { caller: { kind: 'person', subject: claims.sub, loginHandle: 'handle' }, accessToken },
    ])
  })
})

describe('a neighbour that is asked', () => {
  it('gives its refusal back with reason and facts, without its cause', async () => {
    handle = async () => {
      throw new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: 'eidas3' }, cause: new Error('secret') })
    }
    const call = client().ask(request, within())
    await expect(call).rejects.toMatchObject(because('ASSURANCE_TOO_LOW', { required_acr: 'eidas3' }))
    expect(await askByHand('Ask', body, deadline)).not.toContain('secret')
  })

  it('hides what nobody foresaw', async () => {
    handle = async () => {
      throw new Error('row 17')
    }
    await expect(client().ask(request, within())).rejects.toMatchObject(because('INTERNAL', {}))
    expect(await askByHand('Ask', body, deadline)).toBe('{"reason":"INTERNAL","facts":{}}')
  })

  it('is UNAVAILABLE when nobody serves', async () => {
    await expect(client('idle').ask(request, within())).rejects.toMatchObject(because('UNAVAILABLE'))
  })

  it('is too late when it answers after the deadline', async () => {
    handle = () => new Promise(() => undefined)
    await expect(client().ask(request, within(80))).rejects.toMatchObject(because('DEADLINE_EXCEEDED'))
  })

  it('is not asked at all when too little time is left, or too much is sent', async () => {
    await expect(client().ask(request, within(14))).rejects.toMatchObject(because('DEADLINE_EXCEEDED'))
    const data = Buffer.alloc(largestMessageBytes)
    await expect(client().ask({ ...request, data }, within())).rejects.toMatchObject(because('REQUEST_TOO_LARGE'))
    expect(seen).toEqual([])
  })

  it.each(['{', 'null', '{"reason":"MADE_UP","facts":{}}'])('is INTERNAL when its refusal reads %s', async (text) => {
    const fake = await ground.raw(north, 'idle', 'homeServing')
    fake.subscribe(serveSubject(north, 'idle'), {
      callback: (_, message) => {
        const answer = headers()
        answer.set('Unefois-Refusal', text)
        message.respond(undefined, { headers: answer })
      },
    })
    await fake.flush()
    await expect(client('idle').ask(request, within())).rejects.toMatchObject(because('INTERNAL', {}))
    await fake.close()
  })
})

describe('replicas', () => {
  let replica: RunningService
  beforeEach(async () => {
    const config = await ground.config(north, 'consent')
    replica = await startService(await ground.open(config, 'consent'), config, {
      definition,
      implementation: {
        ask: {
          request: z.object({}),
          handle: async (_, call) => {
            replicaSeen.push(call)
            return replicaHandle()
          },
        },
        act: { request: z.object({}), effect: async () => ({ wasKnown: false, appliedUpTo: 0 }) },
        forOthers: { request: z.object({}), handle: async () => ({ wasKnown: false, appliedUpTo: 0 }) },
      },
      consumers: {},
    })
    replicaSeen = []
    replicaHandle = async () => ({ wasKnown: false, appliedUpTo: 0 })
  })
  afterEach(() => replica.stop())
  let replicaSeen: Call[]
  let replicaHandle: () => Promise<DeliverResponse>

  it('share the requests, each answered once', async () => {
    await Promise.all(Array.from({ length: 60 }, () => client().ask(request, within())))
    expect(seen.length + replicaSeen.length).toBe(60)
    expect(Math.min(seen.length, replicaSeen.length)).toBeGreaterThan(5)
  })

  it('finish what they have begun when they stop, and the others take the rest', async () => {
    const [begun, held] = [deferred(), deferred()]
    replicaHandle = async () => {
      begun.resolve()
      await held.promise
      return { wasKnown: false, appliedUpTo: 0 }
    }
    const calls = Array.from({ length: 20 }, () => client().ask(request, within()))
    await begun.promise
    const stopped = replica.stop()
    expect(replica.isReady()).toBe(false)
    for (let n = 0; n < 10; n++)
      expect(await client().ask(request, within())).toEqual({ wasKnown: true, appliedUpTo: 0 })
    held.resolve()
    await stopped
    const answers = await Promise.all(calls)
    expect(answers.filter(({ wasKnown }) => !wasKnown)).toHaveLength(replicaSeen.length)
  })
})
