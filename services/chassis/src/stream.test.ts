import { CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'
import { DeliverRequest, DeliverResponse } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import { MeshError } from '@unefois/proto/reasons'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import type { Caller } from './caller.js'
import { type ChainNeeds, endpointsOf } from './chain.js'
import { because, definitionOf, methodOf, readableLog, stoppedClock } from './contract.fixture.js'
import type { StreamCall } from './rpc.js'
import { mostStreams, type StreamIncoming, streamsOf } from './stream.js'

const system: Caller = { kind: 'system', clientId: 'erp', scopes: ['events:read'] }
const rule = { callers: [CallerKind.CALLER_KIND_SYSTEM], scope: 'events:read' }
const definition = definitionOf({ watch: { ...methodOf('Watch', rule, 'NO_SIDE_EFFECTS'), responseStream: true } })
const request = {
  eventId: '',
  type: '',
  topic: 'a',
  following: [],
  position: 1,
  data: Buffer.alloc(0),
  occurredAtMs: 0,
}
const body = DeliverRequest.encode(request).finish()

let token: { isOver: boolean }
let log: ReturnType<typeof readableLog>
beforeEach(() => {
  vi.useFakeTimers()
  token = { isOver: false }
  log = readableLog()
})
afterEach(() => vi.useRealTimers())

/** The stream of a handler, with the signals of its door in the test's hands. */
const open = (stream: (call: StreamCall) => AsyncIterable<DeliverResponse>) => {
  const needs: ChainNeeds = {
    clock: stoppedClock(),
    log: log.log,
    idempotency: {} as never,
    hasRole: () => false,
    verifyAccessToken: (text) => {
      if (text === 'other') return { ...system, clientId: 'other' }
      if (text === 'narrow') return { ...system, scopes: ['others:read'] }
      if (text !== 'good' || token.isOver) throw new MeshError('TOKEN_EXPIRED')
      return system
    },
  }
  const rpc = {
    request: z.object({ topic: z.string().min(1) }),
    stream: (_: unknown, call: StreamCall) => stream(call),
  }
  const found = streamsOf(definition, { watch: rpc } as never, needs).get('Watch')
  if (!found) throw new Error('no stream')
  const gone = new AbortController()
  const closing = new AbortController()
  const ask = (given: Partial<StreamIncoming> = {}) =>
    found({
      door: 'grpc',
      peer: { kind: 'unproved' },
      body,
      deadlineMs: undefined,
      accessToken: 'good',
      gone: gone.signal,
      closing: closing.signal,
      ...given,
    })
  return { ask, gone, closing }
}
const untilEnded = ({ ended }: StreamCall): Promise<void> =>
  new Promise((resolve) => {
    if (ended.aborted) resolve()
    else ended.addEventListener('abort', () => resolve())
  })
/** One message at the beginning and one when the stream must end. */
const patient = async function* (call: StreamCall) {
  yield { wasKnown: true, appliedUpTo: 0 }
  await untilEnded(call)
  yield { wasKnown: false, appliedUpTo: 0 }
}
const next = async (messages: AsyncGenerator<Uint8Array, void>): Promise<boolean | 'over'> => {
  const { done, value } = await messages.next()
  return done ? 'over' : DeliverResponse.decode(value).wasKnown
}

describe('a stream', () => {
  it.each([
    ['TOKEN_MISSING', { accessToken: undefined }],
    ['TOKEN_EXPIRED', { accessToken: 'old' }],
    ['CALLER_NOT_ALLOWED', { accessToken: 'narrow' }],
    ['REQUEST_MALFORMED', { body: new Uint8Array([255, 255]) }],
    ['REQUEST_INVALID', { body: new Uint8Array() }],
    ['DEADLINE_EXCEEDED', { deadlineMs: 0 }],
    ['TOKEN_REPLAYED', { doorRefusal: new MeshError('TOKEN_REPLAYED') }],
  ])('is refused with %s at the gates of any RPC', async (reason, given) => {
    const { ask } = open(patient)
    await expect(ask(given as Partial<StreamIncoming>).next()).rejects.toMatchObject(because(reason))
    expect(log.lines()).toMatchObject([{ reason, method: 'unefois.test.v1.TestService/Watch' }])
  })

  it('is refused to who holds as many as one may, and to nobody else, until one of them ends', async () => {
    const { ask } = open(patient)
    const held = Array.from({ length: mostStreams }, () => ask())
    for (const one of held) expect(await next(one)).toBe(true)
    await expect(ask().next()).rejects.toMatchObject(because('STREAM_LIMIT_REACHED'))
    expect(await next(ask({ accessToken: 'other' }))).toBe(true)
    await held[0]?.return()
    expect(await next(ask())).toBe(true)
  })

  it('ends with its token, and says so after its last message', async () => {
    const messages = open(patient).ask()
    expect(await next(messages)).toBe(true)
    token.isOver = true
    const last = next(messages)
    await vi.advanceTimersByTimeAsync(5000)
    expect(await last).toBe(false)
    await expect(messages.next()).rejects.toMatchObject(because('TOKEN_EXPIRED'))
  })

  it('ends at a deadline where there is one', async () => {
    const messages = open(patient).ask({ deadlineMs: 70_000 })
    expect(await next(messages)).toBe(true)
    const last = next(messages)
    await vi.advanceTimersByTimeAsync(70_000)
    expect(await last).toBe(false)
    await expect(messages.next()).rejects.toMatchObject(because('DEADLINE_EXCEEDED'))
  })

  it('ends well as its door closes, and at once where it is closed already', async () => {
    const { ask, closing } = open(patient)
    const messages = ask()
    expect(await next(messages)).toBe(true)
    closing.abort()
    expect([await next(messages), await next(messages)]).toEqual([false, 'over'])
    const late = ask()
    expect([await next(late), await next(late), await next(late)]).toEqual([true, false, 'over'])
    expect(log.lines()).toEqual([])
  })

  it('hides what nobody foresaw, and leaves its seat', async () => {
    const { ask } = open(async function* () {
      yield { wasKnown: true, appliedUpTo: 0 }
      throw new Error('row 17')
    })
    for (let at = 0; at <= mostStreams; at++) {
      const messages = ask()
      expect(await next(messages)).toBe(true)
      await expect(messages.next()).rejects.toMatchObject(because('INTERNAL'))
    }
  })

  it('asks its handler for no message before the one before was taken', async () => {
    let made = 0
    const messages = open(async function* () {
      for (;;) {
        made++
        yield { wasKnown: true, appliedUpTo: 0 }
      }
    }).ask()
    for (let taken = 1; taken <= 3; taken++) {
      await next(messages)
      expect(made).toBe(taken)
    }
    await messages.return()
  })

  it.each([
    [
      'a stream',
      { ...definition, methods: { watch: { ...definition.methods.watch, responseStream: false } } },
      'stream',
    ],
    ['no stream', definition, 'handle'],
    [
      'a stream of requests',
      { ...definition, methods: { watch: { ...definition.methods.watch, requestStream: true } } },
      'stream',
    ],
  ])('is no service where the code has %s and the contract says otherwise', (_, contract, kind) => {
    const implementation = { watch: { request: z.object({}), [kind]: patient } } as never
    for (const build of [streamsOf, endpointsOf])
      expect(() => build(contract, implementation, {} as never)).toThrow('a stream exactly when')
  })
})
