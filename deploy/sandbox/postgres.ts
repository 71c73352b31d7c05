import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { spawnChild } from './children.js'
import { isReachable, placeElsewhere, type SystemUser } from './directory.js'
import { untilReady } from './listening.js'
import { requireFreePort } from './ports.js'
import { postgresBinaries } from './postgres-binaries.js'

export interface PostgresOptions {
  /** As root, the data itself may be kept elsewhere: see `placeElsewhere`. */
  dataDir: string
  /** Port of 127.0.0.1. */
  port: number
  /** Log file. */
  log: string
  /** Server settings, over our own. */
  settings?: Readonly<Record<string, string>>
}

export interface PostgresServer {
  pid: number
  host: string
  port: number
  /** The superuser. */
  user: string
  password: string
  database: string
  /** Connection URL of the superuser. */
  url: string
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
const SUPERUSER = 'postgres'
const ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** PostgreSQL refuses to run as root. */
const userForRoot = (): SystemUser | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const users = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : []
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) }
  }
  return { uid: 65534, gid: 65534 }
}

const openHome = (dataDir: string, user: SystemUser | undefined): string => {
  const home = resolve(dataDir)
  mkdirSync(dirname(home), { recursive: true })
  if (user !== undefined && !isReachable(dirname(home))) return placeElsewhere(home, user)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  if (user !== undefined) chownSync(home, user.uid, user.gid)
  return home
}

/** Creates the cluster and its superuser's password; leaves nothing half made. */
const initialise = async (home: string, binaries: string, user: SystemUser | undefined): Promise<void> => {
  const passwordFile = join(home, 'superuser-password')
  const draft = join(home, `data.${randomBytes(6).toString('hex')}`)
  writeFileSync(passwordFile, randomBytes(24).toString('base64url'))
  chmodSync(passwordFile, 0o600)
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid)
  const cluster = ['--pgdata', draft, '--username', SUPERUSER, '--pwfile', passwordFile, '--auth', 'scram-sha-256']
  // The builtin provider sorts the same everywhere; the system's C.UTF-8 does not exist on every system.
  const locale = ['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8']
  try {
    await promisify(execFile)(join(binaries, 'initdb'), [...cluster, ...locale, '--no-sync', '--no-instructions'], {
      cwd: home,
      env: ENVIRONMENT,
      ...user,
    })
    renameSync(draft, join(home, 'data'))
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    const { stderr, message } = error as Error & { stderr?: string }
    throw new Error(`PostgreSQL cannot initialise ${home}: ${stderr || message}`, { cause: error })
  }
}

/** Eighth line of PostgreSQL's own lock file: its state, once it has one. */
const isReady = (data: string, pid: number): boolean => {
  const lock = join(data, 'postmaster.pid')
  if (!existsSync(lock)) return false
  const lines = readFileSync(lock, 'utf8').split('\n')
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready'
}

/** Starts a real PostgreSQL, initialising its data the first time; resolves once it accepts connections. */
export const startPostgres = async (options: PostgresOptions): Promise<PostgresServer> => {
  const { dataDir, port, log } = options
  await requireFreePort(port, 'PostgreSQL')
  const user = userForRoot()
  const binaries = postgresBinaries({ asAnotherUser: user !== undefined })
  const home = openHome(dataDir, user)
  const data = join(home, 'data')
  if (!existsSync(data)) await initialise(home, binaries, user)

  const settings = {
    listen_addresses: HOST,
    port: String(port),
    unix_socket_directories: '',
    // A pool per service and member of a whole federation.
    max_connections: '400',
    TimeZone: 'UTC',
    // No standby reads this log, and none is archived.
    wal_level: 'minimal',
    max_wal_senders: '0',
    ...options.settings,
  }
  const child = await spawnChild({
    name: 'PostgreSQL',
    command: join(binaries, 'postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    cwd: home,
    env: ENVIRONMENT,
    uid: user?.uid,
    gid: user?.gid,
    log,
    // SIGTERM would wait for every client to leave. SIGINT disconnects them; SIGQUIT relies on recovery.
    stopSignals: ['SIGINT', 'SIGQUIT'],
  })
  await untilReady(child, () => isReady(data, child.pid))

  const password = readFileSync(join(home, 'superuser-password'), 'utf8')
  return {
    pid: child.pid,
    host: HOST,
    port,
    user: SUPERUSER,
    password,
    database: 'postgres',
    url: `postgres://${SUPERUSER}:${password}@${HOST}:${port}/postgres`,
    stop: () => child.stop(),
  }
}
