import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAdmin } from './admin.js'

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const program = fileURLToPath(new URL('./start-telemetry.fixture.ts', import.meta.url))

const start = (env: NodeJS.ProcessEnv): ChildProcess => {
  const runner = ['--conditions=source', '--import', createRequire(import.meta.url).resolve('tsx')]
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const
  return spawn(process.execPath, [...runner, program, traceparent], { stdio: [...stdio], env })
}

const { OTEL_EXPORTER_OTLP_ENDPOINT: _, ...withoutCollector } = process.env

let child: ChildProcess
let told: { port: number; carriers: { traceparent?: string }[]; lines: object[] }
beforeAll(async () => {
  child = start(withoutCollector)
  told = (await once(child, 'message'))[0]
})
afterAll(() => child.kill())

const ask = async (path: string, method = 'GET'): Promise<{ status: number; text: string }> => {
  const response = await fetch(`http://127.0.0.1:${told.port}${path}`, { method })
  return { status: response.status, text: await response.text() }
}

describe('the port of the platform', () => {
  it('refuses what it does not serve', async () => {
    expect((await ask('/')).status).toBe(404)
    expect((await ask('/metrics', 'POST')).status).toBe(405)
  })

  it('refuses a port that is taken, by its number', async () => {
    const taken = startAdmin({ isReady: () => true, metrics: () => undefined }, '127.0.0.1', told.port)
    await expect(taken).rejects.toThrow(`admin port ${told.port}`)
  })

  it('says not ready until the process is, while it lives', async () => {
    expect(await ask('/livez')).toEqual({ status: 200, text: 'live\n' })
    expect(await ask('/readyz')).toEqual({ status: 503, text: 'not ready\n' })
    child.send('be ready')
    await once(child, 'message')
    expect(await ask('/readyz')).toEqual({ status: 200, text: 'ready\n' })
  })

  it('counts each call with its method, door and reason, and what a door turned away', async () => {
    const { status, text } = await ask('/metrics')
    expect(status).toBe(200)
    const countOf = (reason: string) => {
      const labels = ['method="unefois.test.v1.TestService/Do"', 'door="grpc"', `reason="${reason}"`]
      const line = text
        .split('\n')
        .find(
          (each) =>
            each.startsWith('unefois_rpc_duration') &&
            each.includes('_count') &&
            labels.every((label) => each.includes(label)),
        )
      return Number(line?.split(' ').at(-1))
    }
    expect([countOf('OK'), countOf('REQUEST_INVALID')]).toEqual([2, 1])
    expect(text).toMatch(/unefois_turned_away_total\{.*door="mesh".*reason="TOKEN_MALFORMED".*\} 1/)
  })
})

describe('a collector', () => {
  it('is sent spans and metrics by OTLP, the last of them as the process ends', async () => {
    const heard = new Map<string, string>()
    const collector = createServer(async (request, response) => {
      heard.set(request.url ?? '', (await buffer(request)).toString('latin1'))
      response.end()
    }).listen(0, '127.0.0.1')
    await once(collector, 'listening')
    const { port } = collector.address() as AddressInfo
    const endpoint = `http://127.0.0.1:${port}`
    const sending = start({ ...withoutCollector, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })
    await once(sending, 'message')
    sending.send('stop')
    await once(sending, 'exit')
    collector.close()
    expect(heard.get('/v1/metrics')).toContain('unefois_rpc_duration')
    expect(heard.get('/v1/traces')).toContain('unefois.test.v1.TestService/Do')
  })
})

describe('a trace', () => {
  it('goes on from a neighbour to the next, and starts anew without one', () => {
    const [continued, anew] = told.carriers
    expect(continued?.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/)
    expect(continued?.traceparent).not.toContain('b7ad6b7169203331')
    expect(anew?.traceparent).toMatch(/^00-[0-9a-f]{32}-/)
    expect(anew?.traceparent).not.toContain('0af7651916cd43dd8448eb211c80319c')
  })

  it('is named in the log of a refusal', () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    expect(told.lines).toMatchObject([{ msg: 'rpc refused', reason: 'REQUEST_INVALID', traceId }])
  })
})
