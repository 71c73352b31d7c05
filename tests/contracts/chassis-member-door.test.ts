import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node'
import { connectBus } from '@unefois/chassis/bus'
import { type Clock, systemClock } from '@unefois/chassis/clock'
import { because, definitionOf, methodOf } from '@unefois/chassis/contract.fixture'
import { Deadline } from '@unefois/chassis/deadline'
import { memberClient } from '@unefois/chassis/member-client'
import { refusalOf } from '@unefois/chassis/neighbour'
import type { Call, EarlyRefusal, Rpc } from '@unefois/chassis/rpc'
import type { Runtime } from '@unefois/chassis/runtime'
import { Seal, type SentSealed } from '@unefois/chassis/seal'
import { type RunningService, startService } from '@unefois/chassis/service'
import { CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'
import { DeliverRequest, type DeliverResponse } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import type { MemberId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import type { OpenedRequest } from '@unefois/proto/sealed'
import { callSubject, serveSubject } from '@unefois/proto/subjects'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Ground, pairOfServices, startGround } from './_chassis-fixture.js'

const [north, south, east, gone] = ['north', 'south', 'east', 'gone'] as [MemberId, MemberId, MemberId, MemberId]
const forMembers = { callers: [CallerKind.CALLER_KIND_MEMBER], memberServices: ['documents'] }
const definition = definitionOf({
  ask: methodOf('Ask', forMembers, 'IDEMPOTENT'),
  forPortal: methodOf('ForPortal', { ...forMembers, memberRole: 'portal' }, 'IDEMPOTENT'),
})
const full = 'unefois.test.v1.TestService/Ask'
const request: DeliverRequest = {
  eventId: 'asked',
  type: '',
  topic: '',
  following: [],
  position: 0,
  data: Buffer.alloc(0),
  occurredAtMs: 0,
}
const body = DeliverRequest.encode(request).finish()

let ground: Ground
/** Documents of south asks documents of north. */
let asking: Runtime
let answering: Runtime
let service: RunningService
/** Calling connections of documents, by member; drawing one costs the broker a signature. */
const callers = new Map<MemberId, NatsConnection>()
const raws: NatsConnection[] = []
let handle: (request: DeliverRequest, call: Call) => Promise<DeliverResponse>
let seen: Call[]
let early: EarlyRefusal<DeliverRequest>[]

const partsOf = () => {
  const rpc: Rpc<DeliverRequest, DeliverResponse> = {
    request: z.object({ eventId: z.string().max(100) }),
    handle: (asked, call) => {
      seen.push(call)
      return handle(asked, call)
    },
    onEarlyRefusal: async (refusal) => void early.push(refusal),
  }
  return { definition, implementation: { ask: rpc, forPortal: rpc }, consumers: {} }
}
const open = async (member: MemberId, name: string): Promise<Runtime> =>
  ground.open(await ground.config(member, name), name)
const servingOf = async (member: MemberId, name: string): Promise<NatsConnection> => {
  const connection = await ground.raw(member, name, 'meshServing')
  raws.push(connection)
  return connection
}

beforeAll(async () => {
  const members = [{ id: north }, { id: south }, { id: east }, { id: gone, approvedUntilSeconds: 1_700_000_000 }]
  ground = await startGround(members, pairOfServices)
  asking = await open(south, 'documents')
  const config = await ground.config(north, 'documents')
  answering = await ground.open(config, 'documents')
  service = await startService(answering, config, partsOf())
})
afterAll(async () => {
  await Promise.all([...callers.values()].map((connection) => connection.close()))
  await asking.close()
  await service.stop()
  await ground.stop()
})
beforeEach(() => {
  seen = []
  early = []
  handle = async () => ({ wasKnown: true, appliedUpTo: 0 })
})
afterEach(() => Promise.all(raws.splice(0).map((connection) => connection.close())))

const within = (ms = 5000) => ({ deadline: Deadline.after(ms, systemClock) })
const client = (to: string = north, runtime = asking) => memberClient(runtime, definition, to, 'documents')
const sealOf = (member: MemberId, name: string, keysOf = name, clock: Clock = systemClock): Seal =>
  new Seal({
    member,
    service: name,
    keys: {
      sign: ground.federation.keys(member, 'sign', keysOf).privateKey,
      seal: ground.federation.keys(member, 'seal', keysOf).privateKey,
    },
    federation: asking.federation,
    clock,
  })
const sealed = (seal = asking.seal, method = full, bytes: Uint8Array = body, to = 'documents'): SentSealed =>
  seal.request(north, to, method, bytes, 5000)
/** Sends a message by hand, with the calling account of that member's documents, to documents of north. */
const send = async (message: string, by: MemberId = south, method = 'Ask'): Promise<Msg> => {
  const connection = callers.get(by) ?? (await ground.raw(by, 'documents', 'meshCalling'))
  callers.set(by, connection)
  const subject = callSubject({ member: north, service: 'documents', method, callerKey: ground.busKey(by) })
  return connection.request(subject, message, { timeout: 5000 })
}
const reasonOf = (reply: Msg): string | undefined => refusalOf(reply)?.reason

describe('the member door', () => {
  it('refuses a message that was accepted before, seals the refusal to nobody, and puts it on record', async () => {
    const { message } = sealed()
    expect(reasonOf(await send(message))).toBeUndefined()
    const reply = await send(message)
    expect(reasonOf(reply)).toBe('TOKEN_REPLAYED')
    expect(reply.data).toHaveLength(0)
    expect(seen).toHaveLength(1)
    expect(early).toMatchObject([{ member: south, request: { eventId: 'asked' }, error: because('TOKEN_REPLAYED') }])
  })

  it('refuses a captured message that another member sends, against that member, and still takes the original', async () => {
    const { message } = sealed()
    const reply = await send(message, east)
    expect(reasonOf(reply)).toBe('SENDER_MISMATCH')
    expect(reply.data).toHaveLength(0)
    expect(early).toMatchObject([{ member: east, request: { eventId: 'asked' }, error: because('SENDER_MISMATCH') }])
    expect(seen).toEqual([])
    expect(reasonOf(await send(message))).toBeUndefined()
    expect(seen).toHaveLength(1)
  })

  it.each<[string, () => SentSealed, string]>([
    [
      "documents' keys in the name of consent",
      () => sealed(sealOf(south, 'consent', 'documents')),
      'TOKEN_KEY_UNKNOWN',
    ],
    [
      "consent's keys in the name of documents",
      () => sealed(sealOf(south, 'documents', 'consent')),
      'TOKEN_KEY_UNKNOWN',
    ],
    [
      'the keys of another member',
      () => {
        const keys = {
          sign: ground.federation.keys(east, 'sign', 'documents').privateKey,
          seal: ground.federation.keys(east, 'seal', 'documents').privateKey,
        }
        return sealed(
          new Seal({ member: south, service: 'documents', keys, federation: asking.federation, clock: systemClock }),
        )
      },
      'TOKEN_KEY_UNKNOWN',
    ],
    [
      'a member key of another use',
      () => {
        const keys = {
          sign: ground.federation.keys(south, 'statement').privateKey,
          seal: ground.federation.keys(south, 'seal', 'documents').privateKey,
        }
        return sealed(
          new Seal({ member: south, service: 'documents', keys, federation: asking.federation, clock: systemClock }),
        )
      },
      'TOKEN_KEY_UNKNOWN',
    ],
    ['the seal key of its neighbour', () => sealed(asking.seal, full, body, 'consent'), 'TOKEN_KEY_UNKNOWN'],
    [
      'a signature of three minutes ago',
      () => sealed(sealOf(south, 'documents', 'documents', { ...systemClock, nowMs: () => Date.now() - 180_000 })),
      'TOKEN_EXPIRED',
    ],
    [
      'a signature of three minutes hence',
      () => sealed(sealOf(south, 'documents', 'documents', { ...systemClock, nowMs: () => Date.now() + 180_000 })),
      'TOKEN_NOT_YET_VALID',
    ],
  ])('refuses a message with %s', async (_, seal, reason) => {
    expect(reasonOf(await send(seal().message))).toBe(reason)
    expect(seen).toEqual([])
    expect(early).toEqual([])
  })

  it.each<[string, string, string]>([
    ['another RPC than its subject', full, 'ForPortal'],
    ['an RPC of the same name in another service', 'unefois.other.v1.OtherService/Ask', 'Ask'],
    ['an RPC of another version', 'unefois.test.v2.TestService/Ask', 'Ask'],
    ['an RPC as if it were an event', full, 'deliver'],
    ['an event as if it were an RPC', 'unefois.delivery.v1.DeliveryService/Deliver', 'Ask'],
    ['an event of another contract', 'unefois.other.v1.DeliveryService/Deliver', 'deliver'],
    ['an RPC that nobody has', 'unefois.test.v1.TestService/Other', 'Other'],
  ])('does not know a seal for %s', async (_, method, subjectMethod) => {
    expect(reasonOf(await send(sealed(asking.seal, method).message, south, subjectMethod))).toBe('METHOD_UNKNOWN')
    expect(seen).toEqual([])
  })

  it.each<[string, string, RegExp]>([
    ['nothing', '', /TOKEN_MALFORMED/],
    ['plain protobuf', '\x00\x01', /TOKEN_MALFORMED/],
    ['five parts of nonsense', 'a.b.c.d.e', /TOKEN_/],
    ['more than the limit', 'x'.repeat(256 * 1024 + 1), /REQUEST_TOO_LARGE/],
  ])('refuses %s', async (_, message, reason) => {
    expect(reasonOf(await send(message))).toMatch(reason)
  })

  it('refuses a message that was changed on the way', async () => {
    const { message } = sealed()
    const changed = `${message.slice(0, -10)}${message.at(-10) === 'A' ? 'B' : 'A'}${message.slice(-9)}`
    expect(reasonOf(await send(changed))).toBe('TOKEN_SIGNATURE_INVALID')
  })

  it('refuses a member whose security approval has ended', async () => {
    const ended = await open(gone, 'documents')
    await expect(client(north, ended).ask(request, within())).rejects.toMatchObject(because('PROVIDER_UNREACHABLE'))
    const sent = ended.seal.request(north, 'documents', full, body, 5000)
    expect(reasonOf(await send(sent.message, gone))).toBe('MEMBER_UNKNOWN')
    expect(seen).toEqual([])
    await ended.close()
  })

  it('refuses under seal what its rules refuse, and puts that on record', async () => {
    const consent = await open(south, 'consent')
    const call = memberClient(consent, definition, north, 'documents').ask(request, within())
    await expect(call).rejects.toMatchObject(because('CALLER_NOT_ALLOWED'))
    await expect(client().forPortal(request, within())).rejects.toMatchObject(because('CALLER_NOT_ALLOWED'))
    expect(early).toMatchObject([
      { member: south, error: because('CALLER_NOT_ALLOWED') },
      { member: south, error: because('CALLER_NOT_ALLOWED') },
    ])
    await consent.close()
  })

  it.each<[string, Uint8Array, string]>([
    ['bytes that are no message', Buffer.from([255]), 'REQUEST_MALFORMED'],
    [
      'a field that is not allowed',
      DeliverRequest.encode({ ...request, eventId: 'x'.repeat(101) }).finish(),
      'REQUEST_INVALID',
    ],
  ])('refuses %s under seal', async (_, bytes, reason) => {
    const sent = sealed(asking.seal, full, bytes)
    const reply = await send(sent.message)
    expect(asking.seal.openReply(reply.string(), sent)).toMatchObject({ status: 'error', reason })
  })

  it('accepts a message once among replicas and across a restart', async () => {
    const config = await ground.config(north, 'documents')
    const replicas = await Promise.all(
      [1, 2].map(async () => startService(await ground.open(config, 'documents'), config, partsOf())),
    )
    await service.stop()
    await send(sealed().message)
    seen.splice(0)
    const { message } = sealed()
    const replies = await Promise.all(Array.from({ length: 20 }, () => send(message)))
    expect(replies.map(reasonOf).filter((reason) => reason === undefined)).toHaveLength(1)
    await Promise.all(replicas.map((replica) => replica.stop()))
    service = await startService(await ground.open(config, 'documents'), config, partsOf())
    expect(reasonOf(await send(message))).toBe('TOKEN_REPLAYED')
    expect(seen).toHaveLength(1)
  })

  it('tells the handler which member and which of its services asks, and how long it has', async () => {
    await client().ask(request, within(3000))
    expect(seen).toMatchObject([{ door: 'mesh', caller: { kind: 'member', member: south, service: 'documents' } }])
    expect(seen[0]?.deadline.remainingMs()).toBeLessThanOrEqual(2990)
  })
})

describe('a member that is asked', () => {
  it('gives its refusal back under seal, with facts and without cause', async () => {
    handle = async () => {
      throw new MeshError('FIELD_NOT_AUTHORISED', { facts: { field: 'a.b' }, cause: new Error('secret') })
    }
    const call = client().ask(request, within())
    await expect(call).rejects.toMatchObject(because('FIELD_NOT_AUTHORISED', { field: 'a.b' }))
  })

  it('answers', async () => {
    expect(await client().ask(request, within())).toEqual({ wasKnown: true, appliedUpTo: 0 })
  })

  it('is not asked when its approval has ended, when nobody knows it, or when the message is too large', async () => {
    await expect(client(gone).ask(request, within())).rejects.toMatchObject(because('MEMBER_UNKNOWN'))
    await expect(client('nobody').ask(request, within())).rejects.toMatchObject(because('MEMBER_UNKNOWN'))
    const data = Buffer.alloc(200 * 1024)
    await expect(client().ask({ ...request, data }, within())).rejects.toMatchObject(because('REQUEST_TOO_LARGE'))
    await expect(client().ask(request, within(12))).rejects.toMatchObject(because('DEADLINE_EXCEEDED'))
  })

  it('is unreachable when nobody serves, or when its answer is late', async () => {
    await expect(client(east).ask(request, within())).rejects.toMatchObject(because('PROVIDER_UNREACHABLE'))
    handle = () => new Promise(() => undefined)
    await expect(client().ask(request, within(80))).rejects.toMatchObject(
      because(expect.stringMatching(/PROVIDER_UNREACHABLE|DEADLINE_EXCEEDED/) as never),
    )
  })
})

describe('an answer', () => {
  /** Documents of east answers as it is told, with keys of its own. */
  const answerAs = async (answer: (message: Msg, opened: OpenedRequest) => void): Promise<void> => {
    const seal = sealOf(east, 'documents')
    const connection = await servingOf(east, 'documents')
    connection.subscribe(serveSubject(east, 'documents'), {
      callback: (_, message) => answer(message, seal.open(message.string())),
    })
    await connection.flush()
  }
  const ask = (eventId = 'asked') => client(east).ask({ ...request, eventId }, within())
  const bytes = Buffer.from([8, 1])

  it('without a seal is no answer, whatever reason it gives', async () => {
    await answerAs((message) => message.respond(bytes))
    await expect(ask()).rejects.toMatchObject(because('PROVIDER_UNREACHABLE'))
  })

  it.each(['{"reason":"TOKEN_EXPIRED","facts":{}}', '{', 'null'])(
    'that only refuses in clear (%s) is no answer',
    async (text) => {
      await answerAs((message) => {
        const refusal = headers()
        refusal.set('Unefois-Refusal', text)
        message.respond(undefined, { headers: refusal })
      })
      await expect(ask()).rejects.toMatchObject(because('PROVIDER_UNREACHABLE'))
    },
  )

  it('to another request is a mismatch', async () => {
    let first: OpenedRequest | undefined
    await answerAs((message, opened) => {
      const seal = sealOf(east, 'documents')
      first ??= opened
      message.respond(seal.reply(first, bytes))
    })
    expect(await ask('first')).toEqual({ wasKnown: true, appliedUpTo: 0 })
    await expect(ask('second')).rejects.toMatchObject(because('REPLY_MISMATCH'))
  })

  it('to the same number with other words is a mismatch', async () => {
    await answerAs((message, opened) =>
      message.respond(sealOf(east, 'documents').reply({ ...opened, sha256: 'A'.repeat(43) }, bytes)),
    )
    await expect(ask()).rejects.toMatchObject(because('REPLY_MISMATCH'))
  })

  it('of another service of the same member is a mismatch', async () => {
    await answerAs((message, opened) => message.respond(sealOf(east, 'consent').reply(opened, bytes)))
    await expect(ask()).rejects.toMatchObject(because('REPLY_MISMATCH'))
  })

  it('sealed for another service is no answer', async () => {
    await answerAs((message, opened) =>
      message.respond(sealOf(east, 'documents').reply({ ...opened, senderService: 'consent' }, bytes)),
    )
    await expect(ask()).rejects.toMatchObject(because('PROVIDER_UNREACHABLE'))
  })

  it('signed by somebody else is no answer', async () => {
    const keys = {
      sign: ground.federation.keys(south, 'sign', 'documents').privateKey,
      seal: ground.federation.keys(east, 'seal', 'documents').privateKey,
    }
    const forger = new Seal({
      member: east,
      service: 'documents',
      keys,
      federation: asking.federation,
      clock: systemClock,
    })
    await answerAs((message, opened) => message.respond(forger.reply(opened, bytes)))
    await expect(ask()).rejects.toMatchObject(because('PROVIDER_UNREACHABLE'))
  })
})

describe('a reply too large to be sealed', () => {
  it('becomes a refusal that is', async () => {
    const definitionWithText = {
      ...definition,
      methods: { ...definition.methods, ask: { ...definition.methods.ask, responseType: DeliverRequest } },
    }
    const config = await ground.config(east, 'documents')
    const wordy = await startService(await ground.open(config, 'documents'), config, {
      definition: definitionWithText,
      implementation: {
        ask: { request: z.object({}), handle: async () => ({ ...request, data: Buffer.alloc(150 * 1024) }) },
        forPortal: { request: z.object({}), handle: async () => ({ wasKnown: true, appliedUpTo: 0 }) },
      },
      consumers: {},
    })
    await expect(client(east).ask(request, within())).rejects.toMatchObject(because('REQUEST_TOO_LARGE'))
    await wordy.stop()
  })
})

describe('the bus', () => {
  it('calls under the key that the hub knows, where the configuration names one', async () => {
    const config = { ...ground.busOf(south, 'documents'), meshCallerKey: 'HUBKEY' }
    const bus = await connectBus(config, south, 'documents', asking.log)
    expect(bus.meshCalling?.callerKey).toBe('HUBKEY')
    expect(bus.homeCalling?.callerKey).toBe(asking.bus.homeCalling?.callerKey)
    expect(asking.bus.meshCalling?.callerKey).toBe(ground.busKey(south))
    await bus.close()
  })
})
