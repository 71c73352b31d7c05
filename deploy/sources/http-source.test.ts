import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectGrpc, type GrpcConnection } from '@unefois/chassis/grpc-client'
import { EvidenceSourceServiceDefinition } from '@unefois/proto/gen/unefois/source/v1/source'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keptCertificate } from '../sandbox/certificates.js'
import { choosePort } from '../sandbox/ports.js'
import { startHttpSource } from './http-source.js'

const folder = mkdtempSync(join(tmpdir(), 'http-source-'))
let answer: (response: ServerResponse) => void
const api = createServer((_, response) => answer(response))
let source: Awaited<ReturnType<typeof startHttpSource>>
let connection: GrpcConnection

beforeAll(async () => {
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const { port: apiPort } = api.address() as AddressInfo
  const port = await choosePort()
  const { certificate, key, authority } = await keptCertificate(folder, 'source')
  const addressOf = (subject: string) => (subject === 'nobody' ? undefined : `http://127.0.0.1:${apiPort}/${subject}`)
  source = await startHttpSource({ host: '127.0.0.1', port, certificate, key, addressOf })
  connection = connectGrpc(`localhost:${port}`, authority)
})
afterAll(async () => {
  connection.close()
  await source.stop()
  await new Promise((resolve) => api.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

const read = async (subject = 'somebody') => {
  const client = connection.client(EvidenceSourceServiceDefinition)
  return (await client.readEvidence({ subject, evidenceType: 'a-type' }, { deadlineMs: 5000 })).answer
}
const says = (status: number, data: unknown = undefined, headers: Record<string, string> = {}) => {
  answer = (response) => response.writeHead(status, headers).end(JSON.stringify({ data }))
}

describe('an EvidenceSource over a JSON API', () => {
  it.each([429, 502, 503, 504, 500, 400, 401])('cannot answer now under %i', async (status) => {
    says(status)
    await expect(read()).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  })

  it('cannot answer now when the API writes no JSON, and tells nothing of what it wrote', async () => {
    answer = (response) => response.writeHead(200).end('<html>Camille</html>')
    await expect(read()).rejects.toSatisfy(
      (thrown) => !JSON.stringify(thrown, Object.keys(thrown as object)).includes('Camille'),
    )
  })

  it.each([
    ['seconds', () => '120', 120_000],
    ['a date', () => new Date(Date.now() + 120_000).toUTCString(), 120_000],
  ])('answers later when the API says when, in %s, and that is beyond the deadline', async (_, after, ms) => {
    says(429, undefined, { 'retry-after': after() })
    const later = await read()
    expect(later?.$case).toBe('later')
    const told = later?.$case === 'later' ? later.value.retryAfterMs : 0
    expect(told).toBeLessThanOrEqual(ms)
    expect(told).toBeGreaterThan(ms - 10_000)
  })

  it('is asked again within the deadline when the API will be back by then', async () => {
    says(429, undefined, { 'retry-after': '1' })
    await expect(read()).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  })

  it('answers absent under 404, and about somebody whom the agency cannot name to the API', async () => {
    says(404)
    expect(await read()).toEqual({ $case: 'absent', value: {} })
    says(200, { amount: 1 })
    expect(await read('nobody')).toEqual({ $case: 'absent', value: {} })
  })

  it('numbers a value once for as long as it stays the same, and higher when it changes', async () => {
    const versions: number[] = []
    for (const amount of [1, 1, 2, 1]) {
      says(200, { amount })
      const found = await read('changing')
      if (found?.$case !== 'found') throw new Error('nothing found')
      expect(JSON.parse(found.value.valueJson)).toEqual({ amount })
      versions.push(found.value.version)
    }
    const [first, same, second, third] = versions as [number, number, number, number]
    expect(same).toBe(first)
    expect(second).toBeGreaterThan(first)
    expect(third).toBeGreaterThan(second)
  })
})
