import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as grpc from '@grpc/grpc-js'
import { type ChainNeeds, endpointsOf } from '@unefois/chassis/chain'
import { systemClock } from '@unefois/chassis/clock'
import { anybody, because, definitionOf, methodOf, readableLog } from '@unefois/chassis/contract.fixture'
import { fromGrpcError } from '@unefois/chassis/errors-on-the-wire'
import { connectGrpc, type GrpcConnection } from '@unefois/chassis/grpc-client'
import { GrpcDoor, largestMessageBytes } from '@unefois/chassis/grpc-door'
import { keptCertificate, type ServerCertificate } from '@unefois/deploy/sandbox/certificates'
import { CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'
import { DeliverRequest, type DeliverResponse } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import { MeshError, type Reason, reasons } from '@unefois/proto/reasons'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

const dir = mkdtempSync(join(tmpdir(), 'unefois-grpc-'))
let files: ServerCertificate
beforeAll(async () => {
  files = await keptCertificate(dir, 'tls')
})
afterAll(() => rmSync(dir, { recursive: true }))

const definition = definitionOf({
  do: methodOf('Do', anybody, 'IDEMPOTENT'),
  forPersons: methodOf('ForPersons', { callers: [CallerKind.CALLER_KIND_PERSON] }, 'IDEMPOTENT'),
})
const request = { eventId: '', type: '', topic: '', following: [], position: 0, data: Buffer.alloc(0), occurredAtMs: 0 }

let door: GrpcDoor
let port: number
let connection: GrpcConnection
/** What the handler does, and what it was called with. */
let handle: (asked: DeliverRequest) => Promise<DeliverResponse>
let seen: object[]
let logged: ReturnType<typeof readableLog>

beforeEach(async () => {
  seen = []
  handle = async () => ({ wasKnown: true, appliedUpTo: 0 })
  logged = readableLog()
  const rpc = {
    request: z.object({}),
    handle: (asked: DeliverRequest, call: object) => {
      seen.push(call)
      return handle(asked)
    },
  }
  const needs: ChainNeeds = {
    clock: systemClock,
    log: logged.log,
    idempotency: { requireSameRequest: async () => undefined } as never,
    hasRole: () => false,
    verifyAccessToken: (token) => {
      if (token !== 'good.access.token') throw new MeshError('TOKEN_SIGNATURE_INVALID')
      return { kind: 'system', clientId: 'erp', scopes: [] }
    },
  }
  door = new GrpcDoor()
  door.add(definition, endpointsOf(definition, { do: rpc, forPersons: rpc }, needs))
  port = await door.listen({ host: '127.0.0.1', port: 0, certificate: files.certificate, key: files.key })
  door.setServing(true)
  connection = connectGrpc(`localhost:${port}`, files.authority)
})
afterEach(async () => {
  connection.close()
  await door.drain(1000)
})

/** A call as any gRPC library could make it. */
const rawCall = (
  options: {
    path?: string
    body?: Buffer
    deadline?: number
    headers?: Record<string, string>
    credentials?: grpc.ChannelCredentials
  } = {},
): Promise<Buffer> => {
  const { path = 'unefois.test.v1.TestService/Do', body = Buffer.alloc(0), headers = {}, deadline } = options
  const client = new grpc.Client(
    `localhost:${port}`,
    options.credentials ?? grpc.credentials.createSsl(readFileSync(files.authority)),
  )
  const metadata = new grpc.Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  return new Promise<Buffer>((resolve, reject) =>
    client.makeUnaryRequest(
      `/${path}`,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      body,
      metadata,
      deadline === undefined ? {} : { deadline: Date.now() + deadline },
      (error, response) => (error ? reject(fromGrpcError(error)) : resolve(response as Buffer)),
    ),
  ).finally(() => client.close())
}

describe('the gRPC door', () => {
  it('refuses to open without its certificate, or on a port that is taken', async () => {
    const config = { host: '127.0.0.1', port, certificate: files.certificate, key: files.key }
    await expect(new GrpcDoor().listen(config)).rejects.toThrow(`gRPC port ${port}`)
    await expect(new GrpcDoor().listen({ ...config, port: 0, key: 'absent' })).rejects.toThrow('absent')
  })

  it('refuses a connection without TLS, and a client refuses a door that another authority signed', async () => {
    const credentials = grpc.credentials.createInsecure()
    await expect(rawCall({ deadline: 2000, credentials })).rejects.toMatchObject(because('UNAVAILABLE'))
    const other = await keptCertificate(dir, 'other')
    const elsewhere = connectGrpc(`localhost:${port}`, other.authority)
    await expect(elsewhere.client(definition).do(request, { deadlineMs: 2000 })).rejects.toMatchObject(
      because('UNAVAILABLE'),
    )
    elsewhere.close()
    expect(seen).toEqual([])
  })

  it('refuses a call without a deadline', async () => {
    await expect(rawCall()).rejects.toMatchObject(because('DEADLINE_MISSING'))
  })

  it.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer a b', 'Bearer  a', 'good.access.token', 'Bearer a,b'])(
    'refuses the authorization header "%s", and logs the refusal without it',
    async (authorization) => {
      const call = rawCall({ deadline: 1000, headers: { authorization } })
      await expect(call).rejects.toMatchObject(because('TOKEN_MALFORMED'))
      expect(logged.lines()).toMatchObject([{ reason: 'TOKEN_MALFORMED' }])
      expect(logged.text()).not.toMatch(/dXNlcjpwYXNz|good\.access/)
    },
  )

  it('refuses a token that does not verify, also where anybody may call', async () => {
    const call = rawCall({ deadline: 1000, headers: { authorization: 'Bearer other.access.token' } })
    await expect(call).rejects.toMatchObject(because('TOKEN_SIGNATURE_INVALID'))
  })

  it('refuses who brings no token, or the token of another kind, where a person is asked', async () => {
    const path = 'unefois.test.v1.TestService/ForPersons'
    await expect(rawCall({ path, deadline: 1000 })).rejects.toMatchObject(because('TOKEN_MISSING'))
    const headers = { authorization: 'Bearer good.access.token' }
    await expect(rawCall({ path, deadline: 1000, headers })).rejects.toMatchObject(because('CALLER_NOT_ALLOWED'))
  })

  it('refuses bytes that are no message of the contract', async () => {
    const call = rawCall({ deadline: 1000, body: Buffer.from([255, 255]) })
    await expect(call).rejects.toMatchObject(because('REQUEST_MALFORMED'))
  })

  it('refuses a message above the limit, and takes one of nearly that size', async () => {
    const body = (bytes: number) =>
      Buffer.from(DeliverRequest.encode({ ...request, data: Buffer.alloc(bytes) }).finish())
    const large = rawCall({ deadline: 5000, body: body(largestMessageBytes + 1) })
    await expect(large).rejects.toMatchObject(because('REQUEST_TOO_LARGE'))
    await rawCall({ deadline: 5000, body: body(largestMessageBytes - 100) })
    expect(seen).toHaveLength(1)
  })

  it.each(['unefois.test.v1.TestService/Other', 'unefois.other.v1.TestService/Do'])(
    'does not know %s',
    async (path) => {
      await expect(rawCall({ path, deadline: 1000 })).rejects.toMatchObject(because('METHOD_UNKNOWN'))
    },
  )

  it.each(Object.keys(reasons) as Reason[])('carries %s to the client with its facts', async (reason) => {
    handle = async () => {
      throw new MeshError(reason, { facts: { field: 'a' }, cause: new Error('for the log alone') })
    }
    const call = connection.client(definition).do(request, { deadlineMs: 2000 })
    await expect(call).rejects.toMatchObject(because(reason, { field: 'a' }))
  })

  it('hides what nobody foresaw', async () => {
    handle = async () => {
      throw new Error('row 17')
    }
    const error = await connection
      .client(definition)
      .do(request, { deadlineMs: 2000 })
      .catch((thrown) => thrown as MeshError & { cause: grpc.ServiceError })
    expect(error).toMatchObject(because('INTERNAL', {}))
    const { details, metadata } = (error as { cause: grpc.ServiceError }).cause
    expect(details + JSON.stringify(metadata.getMap())).not.toContain('row 17')
  })

  it('carries token and key, and what is left of the deadline', async () => {
    const options = { deadlineMs: 3000, accessToken: 'good.access.token', idempotencyKey: 'key-00001' }
    expect(await connection.client(definition).do(request, options)).toEqual({ wasKnown: true, appliedUpTo: 0 })
    expect(seen).toMatchObject([
      {
        door: 'grpc',
        caller: { kind: 'system', clientId: 'erp' },
        accessToken: 'good.access.token',
        idempotencyKey: 'key-00001',
      },
    ])
    const { deadline } = seen[0] as { deadline: { remainingMs(): number } }
    expect(deadline.remainingMs()).toBeGreaterThan(1000)
    expect(deadline.remainingMs()).toBeLessThanOrEqual(3000)
  })

  it('takes the scheme of a token in any case (RFC 9110 section 11.1)', async () => {
    await rawCall({ deadline: 1000, headers: { authorization: 'bearer good.access.token' } })
    expect(seen).toMatchObject([{ caller: { kind: 'system' } }])
  })
})

describe('health', () => {
  const { service } = createRequire(import.meta.url)('grpc-health-check') as {
    service: { Check: grpc.MethodDefinition<{ service: string }, { status: string }> }
  }
  const check = (name: string): Promise<string> => {
    const { path, requestSerialize, responseDeserialize } = service.Check
    const client = new grpc.Client(`localhost:${port}`, grpc.credentials.createSsl(readFileSync(files.authority)))
    return new Promise<string>((resolve, reject) =>
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: name }, (error, response) =>
        error ? reject(error) : resolve(response?.status ?? ''),
      ),
    ).finally(() => client.close())
  }

  it.each(['', 'unefois.test.v1.TestService'])('of "%s" follows the service', async (name) => {
    expect(await check(name)).toBe('SERVING')
    door.setServing(false)
    expect(await check(name)).toBe('NOT_SERVING')
  })

  it('of a door just opened is NOT_SERVING, and of an unknown service NOT_FOUND', async () => {
    const fresh = new GrpcDoor()
    fresh.add(definition, new Map([['Do', async () => new Uint8Array()]]))
    const kept = port
    port = await fresh.listen({ host: '127.0.0.1', port: 0, certificate: files.certificate, key: files.key })
    expect([await check(''), await check('unefois.test.v1.TestService')]).toEqual(['NOT_SERVING', 'NOT_SERVING'])
    await expect(check('unefois.other.v1.OtherService')).rejects.toMatchObject({ code: grpc.status.NOT_FOUND })
    port = kept
    await fresh.drain(1000)
  })
})

describe('draining', () => {
  it('finishes the call under way and refuses the next', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let begun = (): void => undefined
    const started = new Promise<void>((resolve) => {
      begun = resolve
    })
    handle = async () => {
      begun()
      await held
      return { wasKnown: true, appliedUpTo: 0 }
    }
    const call = connection.client(definition).do(request, { deadlineMs: 10_000 })
    await started
    const drained = door.drain(10_000)
    await expect(rawCall({ deadline: 2000 })).rejects.toMatchObject(because('UNAVAILABLE'))
    release()
    expect(await call).toEqual({ wasKnown: true, appliedUpTo: 0 })
    await drained
  })

  it('waits no longer than it is told', async () => {
    let begun = (): void => undefined
    const started = new Promise<void>((resolve) => {
      begun = resolve
    })
    handle = () => {
      begun()
      return new Promise(() => undefined)
    }
    const call = expect(connection.client(definition).do(request, { deadlineMs: 10_000 })).rejects.toThrow()
    await started
    await door.drain(50)
    await call
  })
})
