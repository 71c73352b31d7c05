import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { locateNatsServer, natsServerRefusal, startNatsServer } from './nats-server.js'
import { choosePort, requireFreePort } from './ports.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'unefois-nats-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true })
})

const write = (name: string, text: string): string => {
  const path = join(directory, name)
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  return path
}

const start = async (config: string, port: number) =>
  startNatsServer({ configFile: write('nats.conf', config), dataDir: directory, port, log: join(directory, 'log') })

describe('locateNatsServer', () => {
  it('refuses a server that is too old', () => {
    const old = write('nats-server', '#!/bin/sh\necho "nats-server: v2.9.10"\n')
    expect(natsServerRefusal(old)).toContain('at least 2.15.1 is needed')
    expect(natsServerRefusal(write('newer', '#!/bin/sh\necho "nats-server: v3.0.0"\n'))).toBeUndefined()
    vi.stubEnv('UNEFOIS_NATS_SERVER', old)
    expect(() => locateNatsServer()).toThrow('UNEFOIS_NATS_SERVER: ')
  })

  it('names the remedies when there is none', () => {
    vi.stubEnv('PATH', directory)
    vi.stubEnv('XDG_CACHE_HOME', directory)
    expect(() => locateNatsServer()).toThrow('node deploy/prepare.mjs start')
  })
})

describe('startNatsServer', () => {
  it('refuses a taken port by its name', async () => {
    const port = await choosePort()
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve))
    await expect(start('', port)).rejects.toThrow(`port ${port} (NATS server) is taken`)
    taken.close()
  })

  it("reports a refused configuration in the server's own words", async () => {
    await expect(start('accounts { A: { exports: nonsense } }', await choosePort())).rejects.toThrow(/nats\.conf:1/)
  })

  it('starts a server that speaks, and stops it', async () => {
    const port = await choosePort()
    const server = await start('', port)
    const connection = await connect({ servers: server.url })
    await connection.close()
    await server.stop()
    await requireFreePort(port, 'NATS server')
  })
})
