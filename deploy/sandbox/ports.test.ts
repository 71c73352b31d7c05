import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { choosePort, keepPorts, requireFreePort } from './ports.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'unefois-ports-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const listen = (port: number): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => resolve(server))
  })

describe('ports', () => {
  it('refuses a taken port, naming the port, its role and the remedy', async () => {
    const port = await choosePort()
    const server = await listen(port)
    try {
      await expect(requireFreePort(port, 'portal')).rejects.toThrow(`port ${port} (portal) is taken`)
      await expect(requireFreePort(port, 'portal')).rejects.toThrow('npm start -- --reset')
    } finally {
      server.close()
    }
  })

  it('refuses a list that is not one', async () => {
    writeFileSync(join(directory, 'ports.json'), '{"portal":"http"}')
    await expect(keepPorts(directory, ['portal'])).rejects.toThrow('ports.json is not a list of ports by name')
  })

  it('keeps what it chose, and chooses only for names it lacks', async () => {
    const first = await keepPorts(directory, ['portal', 'nats'])
    const second = await keepPorts(directory, ['nats', 'postgres'])
    expect(second).toMatchObject(first)
    expect(new Set(Object.values(second)).size).toBe(3)
    expect(await keepPorts(directory, ['portal', 'nats', 'postgres'])).toEqual(second)
  })
})
