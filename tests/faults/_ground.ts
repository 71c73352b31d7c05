import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, spawnChild } from '@unefois/deploy/sandbox/children'
import type { RunningFederation } from '@unefois/deploy/sandbox/federation'
import { untilReady } from '@unefois/deploy/sandbox/listening'
import { startNatsServer } from '@unefois/deploy/sandbox/nats-server'
import { choosePort } from '@unefois/deploy/sandbox/ports'
import { startPostgres } from '@unefois/deploy/sandbox/postgres'
import { postgresSettings } from './_fault-federation.js'
import { until } from './_until.js'

const parentOf = (pid: number): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}

const isRunning = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Kills a server outright and waits until it, and every process that it started, has gone. */
export const killServer = async (pid: number): Promise<void> => {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const family = [pid, ...all.map(Number).filter((each) => parentOf(each) === pid)]
  process.kill(pid, 'SIGKILL')
  await until('the server and its children have gone', () => !family.some(isRunning))
}

/** Starts the broker again where it was. */
export const restartBus = async ({ directory, port }: RunningFederation): Promise<void> => {
  const dataDir = join(directory, 'nats')
  const configFile = join(dataDir, 'server.conf')
  await startNatsServer({ configFile, dataDir, port: port('nats'), log: join(directory, 'nats.log') })
}

/** Starts the database server again on its own data. */
export const restartPostgres = async ({ directory, port }: RunningFederation): Promise<void> => {
  await startPostgres({
    dataDir: join(directory, 'postgres'),
    port: port('postgres'),
    log: join(directory, 'postgres.log'),
    settings: { max_connections: '300', ...postgresSettings },
  })
}

/** Starts a second documents process for a member, as its image would: the same instance, other ports. */
export const startReplica = async (
  federation: RunningFederation,
  member: string,
): Promise<{ readonly child: Child; readonly admin: string }> => {
  const instance = JSON.parse(readFileSync(join(federation.keys(member).folder, 'documents.json'), 'utf8'))
  const [grpcPort, adminPort] = [await choosePort(), await choosePort()]
  const config = join(federation.directory, 'replica.json')
  const ports = { grpc: { ...instance.grpc, port: grpcPort }, admin: { ...instance.admin, port: adminPort } }
  writeFileSync(config, JSON.stringify({ ...instance, ...ports }), { mode: 0o600 })
  const child = await spawnChild({
    name: 'replica',
    command: process.execPath,
    args: [fileURLToPath(new URL('../../services/documents/dist/main.js', import.meta.url))],
    env: { PATH: process.env.PATH, NODE_ENV: 'production', UNEFOIS_CONFIG: config },
    log: join(federation.directory, 'logs', 'replica.log'),
  })
  const admin = `http://127.0.0.1:${adminPort}`
  const isReady = () =>
    fetch(`${admin}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  await untilReady(child, isReady)
  return { child, admin }
}
