import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as grpc from '@grpc/grpc-js'
import type { ChainNeeds } from '@unefois/chassis/chain'
import { systemClock } from '@unefois/chassis/clock'
import { because, definitionOf, methodOf, readableLog } from '@unefois/chassis/contract.fixture'
import { fromGrpcError } from '@unefois/chassis/errors-on-the-wire'
import { connectGrpc, type GrpcConnection, type GrpcStreamOptions } from '@unefois/chassis/grpc-client'
import { GrpcDoor } from '@unefois/chassis/grpc-door'
import type { StreamCall } from '@unefois/chassis/rpc'
import { mostStreams, streamsOf } from '@unefois/chassis/stream'
import { keptCertificate, type ServerCertificate } from '@unefois/deploy/sandbox/certificates'
import { CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'
import { type DeliverRequest, DeliverResponse } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'

const dir = mkdtempSync(join(tmpdir(), 'unefois-streams-'))
let files: ServerCertificate
beforeAll(async () => {
  files = await keptCertificate(dir, 'tls')
})
afterAll(() => rmSync(dir, { recursive: true }))

const rule = { callers: [CallerKind.CALLER_KIND_SYSTEM], scope: 'events:read' }
const method = { ...methodOf('Watch', rule, 'NO_SIDE_EFFECTS'), responseStream: true as const }
const definition = { ...definitionOf({}), methods: { watch: method } }
const path = '/unefois.test.v1.TestService/Watch'
const request = {
  eventId: '',
  type: '',
  topic: 'a',
  following: [],
  position: 1,
  data: Buffer.alloc(0),
  occurredAtMs: 0,
}

let door: GrpcDoor
let port: number
let connection: GrpcConnection
/** What the handler sends. */
let stream: (call: StreamCall) => AsyncIterable<DeliverResponse>
let ended: string[]

const untilEnded = ({ ended: signal }: StreamCall): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

beforeEach(async () => {
  ended = []
  stream = async function* (call) {
    try {
      yield { wasKnown: true, appliedUpTo: 0 }
      await untilEnded(call)
      yield { wasKnown: false, appliedUpTo: 0 }
    } finally {
      ended.push('ended')
    }
  }
  const needs: ChainNeeds = {
    clock: systemClock,
    log: readableLog().log,
    idempotency: {} as never,
    hasRole: () => false,
    verifyAccessToken: (token) => {
      if (token !== 'good' && token !== 'narrow') throw new MeshError('TOKEN_SIGNATURE_INVALID')
      return { kind: 'system', clientId: 'erp', scopes: token === 'good' ? ['events:read'] : [] }
    },
  }
  const rpc = {
    request: z.object({ topic: z.string().min(1) }),
    stream: (_: DeliverRequest, call: StreamCall) => stream(call),
  }
  door = new GrpcDoor()
  door.add(definition, new Map(), streamsOf(definition, { watch: rpc }, needs))
  port = await door.listen({ host: '127.0.0.1', port: 0, certificate: files.certificate, key: files.key })
  door.setServing(true)
  connection = connectGrpc(`localhost:${port}`, files.authority)
})
afterEach(async () => {
  connection.close()
  await door.drain(1000)
})

const watch = (options: GrpcStreamOptions = { accessToken: 'good' }, asked = request) =>
  connection.client(definition).watch(asked, options)
const rawClient = () => new grpc.Client(`localhost:${port}`, grpc.credentials.createSsl(readFileSync(files.authority)))
const raw = (client: grpc.Client, body: Buffer, headers: Record<string, string>) => {
  const metadata = new grpc.Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  const bytes = (buffer: Buffer): Buffer => buffer
  return client.makeServerStreamRequest(path, bytes, bytes, body, metadata)
}

describe('a stream at the gRPC door', () => {
  it.each([
    ['TOKEN_MISSING', {}, request],
    ['TOKEN_SIGNATURE_INVALID', { accessToken: 'other' }, request],
    ['CALLER_NOT_ALLOWED', { accessToken: 'narrow' }, request],
    ['REQUEST_INVALID', { accessToken: 'good' }, { ...request, topic: '' }],
  ])('is refused with %s', async (reason, options, asked) => {
    await expect(watch(options, asked).next()).rejects.toMatchObject(because(reason))
  })

  it.each([
    ['TOKEN_MALFORMED', 'Basic dXNlcjpwYXNz', Buffer.alloc(0)],
    ['REQUEST_MALFORMED', 'Bearer good', Buffer.from([255, 255])],
  ])('is refused with %s, whatever a library sends', async (reason, authorization, body) => {
    const client = rawClient()
    const refused = new Promise((resolve) => {
      const call = raw(client, body, { authorization }).on('error', (error) => resolve(fromGrpcError(error as never)))
      call.resume()
    })
    expect(await refused).toMatchObject(because(reason))
    client.close()
  })

  it('is refused to who holds too many, until one is left', async () => {
    const held = Array.from({ length: mostStreams }, () => watch())
    for (const one of held) expect(await one.next()).toMatchObject({ value: { wasKnown: true, appliedUpTo: 0 } })
    await expect(watch().next()).rejects.toMatchObject(because('STREAM_LIMIT_REACHED'))
    await held[0]?.return()
    await vi.waitFor(() => expect(ended).toHaveLength(1), { timeout: 5000, interval: 5 })
    expect(await watch().next()).toMatchObject({ value: { wasKnown: true, appliedUpTo: 0 } })
  })

  it('carries what it ends with, after what it has sent', async () => {
    stream = async function* () {
      yield { wasKnown: true, appliedUpTo: 0 }
      throw new MeshError('POSITION_TOO_OLD', { facts: { field: 'position' } })
    }
    const messages = watch()
    expect(await messages.next()).toEqual({ done: false, value: { wasKnown: true, appliedUpTo: 0 } })
    await expect(messages.next()).rejects.toMatchObject(because('POSITION_TOO_OLD', { field: 'position' }))
  })

  it('is over for its handler once its reader has left', async () => {
    const leaving = new AbortController()
    const messages = watch({ accessToken: 'good', signal: leaving.signal })
    await messages.next()
    expect(ended).toEqual([])
    leaving.abort()
    await vi.waitFor(() => expect(ended).toEqual(['ended']), { timeout: 5000, interval: 5 })
    expect((await messages.next()).done).toBe(true)
  })

  it('ends at its deadline', async () => {
    const messages = watch({ accessToken: 'good', deadlineMs: 300 })
    const read = async () => {
      for await (const _ of messages);
    }
    await expect(read()).rejects.toMatchObject(because('DEADLINE_EXCEEDED'))
  })

  it('ends well as the door drains, with the last word of its handler, and no other begins', async () => {
    const messages = watch()
    await messages.next()
    const drained = door.drain(10_000)
    expect(await messages.next()).toEqual({ done: false, value: { wasKnown: false, appliedUpTo: 0 } })
    expect((await messages.next()).done).toBe(true)
    await drained
    await expect(watch().next()).rejects.toMatchObject(because('UNAVAILABLE'))
  })

  it('makes nothing that a slow reader has not taken, and everything once it reads', async () => {
    const total = 20_000
    let made = 0
    // Some 300 bytes each: far more than any buffer on the way may hold.
    const wide = { ...definition, methods: { watch: { ...method, responseType: wideType } } }
    stream = async function* () {
      for (; made < total; made++) yield { wasKnown: true, appliedUpTo: 0 }
    }
    await door.drain(0)
    door = new GrpcDoor()
    const needs = { verifyAccessToken: () => ({ kind: 'system', clientId: 'erp', scopes: ['events:read'] }) }
    const rpc = { request: z.object({}), stream: (_: DeliverRequest, call: StreamCall) => stream(call) }
    const given = { clock: systemClock, log: readableLog().log, hasRole: () => false, ...needs }
    door.add(wide, new Map(), streamsOf(wide, { watch: rpc }, given as never))
    port = await door.listen({ host: '127.0.0.1', port: 0, certificate: files.certificate, key: files.key })
    const client = rawClient()
    const call = raw(client, Buffer.alloc(0), { authorization: 'Bearer good' })
    const messages = call[Symbol.asyncIterator]()
    // The library's own client holds nothing back before its first message is read.
    await messages.next()
    let before = -1
    await vi.waitFor(
      () => {
        const isStill = made > 0 && made === before
        before = made
        expect(isStill).toBe(true)
      },
      { timeout: 10_000, interval: 100 },
    )
    expect(made).toBeLessThan(total / 2)
    let read = 1
    while (!(await messages.next()).done) read++
    expect(read).toBe(total)
    client.close()
  })
})

/** The same message, padded by an unknown field. */
const padding = Buffer.concat([Buffer.from([0x7a, 0xac, 0x02]), Buffer.alloc(300)])
const wideType = {
  decode: (bytes: Uint8Array) => DeliverResponse.decode(bytes),
  encode: (message: DeliverResponse) => ({
    finish: () => Buffer.concat([DeliverResponse.encode(message).finish(), padding]),
  }),
}
