import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { openDirectory, resetDirectory } from './directory.js'
import { choosePort, requireFreePort } from './ports.js'
import { startPostgres } from './postgres.js'

let directory: string
beforeEach(() => {
  directory = openDirectory(join(mkdtempSync(join(tmpdir(), 'unefois-postgres-')), 'sandbox'))
})
afterEach(() => {
  resetDirectory(directory)
  rmSync(join(directory, '..'), { recursive: true })
})

const start = (port: number) =>
  startPostgres({ dataDir: join(directory, 'postgres'), port, log: join(directory, 'postgres.log') })

const ask = async (connectionString: string, query: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString })
  await client.connect()
  const { rows } = await client.query(query)
  await client.end()
  return rows
}

describe('startPostgres', () => {
  it('refuses a taken port by its name', async () => {
    const port = await choosePort()
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve))
    await expect(start(port)).rejects.toThrow(`port ${port} (PostgreSQL) is taken`)
    taken.close()
  })

  it('refuses a wrong password, also from this machine', async () => {
    const server = await start(await choosePort())
    await expect(ask(server.url.replace(server.password, 'wrong'), 'select 1')).rejects.toThrow('password')
    await server.stop()
  })

  it('keeps its data and its superuser from one start to the next', async () => {
    const port = await choosePort()
    const first = await start(port)
    await ask(first.url, "create table kept as select upper('é') as letter")
    await first.stop()
    await requireFreePort(port, 'PostgreSQL')
    const second = await start(port)
    expect(await ask(second.url, 'select letter from kept')).toEqual([{ letter: 'É' }])
    expect(await ask(second.url, 'show server_encoding')).toEqual([{ server_encoding: 'UTF8' }])
    await second.stop()
  })

  it("reports a failure in the server's own words", async () => {
    const options = { dataDir: join(directory, 'postgres'), port: await choosePort(), log: join(directory, 'log') }
    await expect(startPostgres({ ...options, settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      'shared_buffers',
    )
  })

  // Where root's own folders are closed to the user that PostgreSQL must run as.
  it.skipIf(process.getuid?.() !== 0)('runs as somebody else when started by root in a closed folder', async () => {
    mkdirSync(join(directory, 'closed'), { mode: 0o700 })
    const options = { dataDir: join(directory, 'closed'), port: await choosePort(), log: join(directory, 'log') }
    const server = await startPostgres(options)
    expect(statSync(`/proc/${server.pid}`).uid).not.toBe(0)
    await server.stop()
  })
})

describe("the run's own PostgreSQL", () => {
  it('is there for every test file', async () => {
    expect(await ask(inject('postgres').url, 'select current_user')).toEqual([
      { current_user: inject('postgres').user },
    ])
  })
})
