import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeElsewhere } from '@unefois/deploy/sandbox/directory'
import { choosePort } from '@unefois/deploy/sandbox/ports'
import { type PostgresServer, startPostgres } from '@unefois/deploy/sandbox/postgres'
import type { TestProject } from 'vitest/node'

export type SharedPostgres = Omit<PostgresServer, 'pid' | 'stop'>

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's PostgreSQL, as its superuser. A test file makes itself a database or a schema in it. */
    postgres: SharedPostgres
  }
}

// Nothing here outlives the run, so nothing needs to survive a power cut.
const VOLATILE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** Starts one PostgreSQL for the whole run, in a temporary directory and on a free port. */
export const setup = async (project: TestProject) => {
  const directory = mkdtempSync(join(tmpdir(), 'unefois-tests-'))
  const dataDir = join(directory, 'postgres')
  const options = { dataDir, port: await choosePort(), log: join(directory, 'postgres.log'), settings: VOLATILE }
  const { stop, pid: _, ...postgres } = await startPostgres(options)
  project.provide('postgres', postgres)
  return async () => {
    await stop()
    removeElsewhere(dataDir)
    rmSync(directory, { recursive: true, force: true })
  }
}
