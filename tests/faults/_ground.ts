import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, spawnChild } from '@unefois/deploy/sandbox/children'
import type { RunningFederation } from '@unefois/deploy/sandbox/federation'
import { untilReady } from '@unefois/deploy/sandbox/listening'
import { startNatsServer } from '@unefois/deploy/sandbox/nats-server'
import { choosePort } from '@unefois/deploy/sandbox/ports'
import { type PostgresServer, startPostgres } from '@unefois/deploy/sandbox/postgres'
import type { ServiceName } from '@unefois/deploy/sandbox/topology'
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
  const children = all.map(Number).filter((each) => parentOf(each) === pid)
  process.kill(pid, 'SIGKILL')
  // Of a server that is dead, and of whose end nobody has taken note, PostgreSQL says that it still runs. Its orphans are not ours.
  const isThere = () => existsSync(`/proc/${pid}`) || children.some(isRunning)
  await until('the server and its children have gone', () => !isThere())
}

/** Starts the broker again where it was. */
export const restartBus = async ({ directory, port }: RunningFederation): Promise<void> => {
  const dataDir = join(directory, 'nats')
  const configFile = join(dataDir, 'server.conf')
  await startNatsServer({ configFile, dataDir, port: port('nats'), log: join(directory, 'nats.log') })
}

/** Starts the database server again on its own data. */
export const restartPostgres = ({ directory, port }: RunningFederation): Promise<PostgresServer> =>
  startPostgres({
    dataDir: join(directory, 'postgres'),
    port: port('postgres'),
    log: join(directory, 'postgres.log'),
    settings: { max_connections: '300', ...postgresSettings },
  })

/** A further process of one service of a member, as its image would run it. */
export interface Replica {
  readonly child: Child
  readonly admin: string
  readonly grpcPort: number
  /** Ends it outright and starts it again at its ports. */
  kill(): Promise<void>
}

/** Starts a further process of one service of a member: the same instance, other ports. */
export const startReplica = async (
  federation: RunningFederation,
  member: string,
  service: ServiceName = 'documents',
): Promise<Replica> => {
  const instance = JSON.parse(readFileSync(join(federation.keys(member).folder, `${service}.json`), 'utf8'))
  const [grpcPort, adminPort] = [await choosePort(), await choosePort()]
  const name = `replica-${grpcPort}`
  const config = join(federation.directory, `${name}.json`)
  const ports = { grpc: { ...instance.grpc, port: grpcPort }, admin: { ...instance.admin, port: adminPort } }
  writeFileSync(config, JSON.stringify({ ...instance, ...ports }), { mode: 0o600 })
  const admin = `http://127.0.0.1:${adminPort}`
  const log = join(federation.directory, 'logs', `${name}.log`)
  const isReady = () =>
    fetch(`${admin}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  const start = async (): Promise<Child> => {
    const child = await spawnChild({
      name,
      command: process.execPath,
      args: [fileURLToPath(new URL(`../../services/${service}/dist/main.js`, import.meta.url))],
      env: { PATH: process.env.PATH, NODE_ENV: 'production', UNEFOIS_CONFIG: config },
      log,
    })
    await untilReady(child, isReady)
    return child
  }
  let child = await start()
  return {
    get child() {
      return child
    },
    admin,
    grpcPort,
    kill: async () => {
      // One that ended by itself has a fault of its own, which its last words tell.
      if (!child.isRunning()) throw new Error(`${name} had ended:\n${readFileSync(log, 'utf8').slice(-3000)}`)
      process.kill(child.pid, 'SIGKILL')
      await child.exited
      child = await start()
    },
  }
}
