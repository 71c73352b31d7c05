import { execFileSync } from 'node:child_process'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { spawnChild } from './children.js'
import { untilListening } from './listening.js'
import { requireFreePort } from './ports.js'

// Older servers have known vulnerabilities, and a leaf could forge `Nats-Request-Info` on some of them.
const MINIMUM_NATS_VERSION = [2, 15, 1] as const

/** Where `prepare.mjs` keeps a nats-server that it obtained. */
export const cachedNatsServer = (): string => {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(cache, 'unefois', `nats-server-${process.platform}-${process.arch}`)
}

/** Why `path` cannot serve as our nats-server; nothing when it can. */
export const natsServerRefusal = (path: string): string | undefined => {
  const minimum = MINIMUM_NATS_VERSION.join('.')
  try {
    accessSync(path, constants.X_OK)
    const printed = execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 })
    const found = /v?(\d+)\.(\d+)\.(\d+)/.exec(printed)?.slice(1).map(Number) ?? []
    if (!isAtLeast(found, MINIMUM_NATS_VERSION)) return `${path} is ${printed.trim()}; at least ${minimum} is needed`
  } catch (error) {
    return `${path} does not run: ${(error as Error).message}`
  }
}

const isAtLeast = (version: readonly number[], minimum: readonly number[]): boolean => {
  const first = minimum.findIndex((part, position) => version[position] !== part)
  return first === -1 || (version[first] ?? -1) > (minimum[first] ?? 0)
}

/** The nats-server to run: UNEFOIS_NATS_SERVER, then PATH, then the cache. Throws when there is none. */
export const locateNatsServer = (): string => {
  const explicit = process.env.UNEFOIS_NATS_SERVER
  if (explicit) {
    // An explicit setting that does not hold is an error: another server in its place would surprise.
    const refusal = natsServerRefusal(explicit)
    if (refusal !== undefined) throw new Error(`UNEFOIS_NATS_SERVER: ${refusal}`)
    return explicit
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const candidates = [...folders.map((folder) => join(folder, 'nats-server')), cachedNatsServer()]
  const found = candidates.find((path) => natsServerRefusal(path) === undefined)
  if (found !== undefined) return found
  throw new Error(
    `no nats-server of at least ${MINIMUM_NATS_VERSION.join('.')} on PATH or in the cache: ` +
      'run `node deploy/prepare.mjs start`, or name one with UNEFOIS_NATS_SERVER',
  )
}

export interface NatsServerOptions {
  configFile: string
  /** Working directory of the server. */
  dataDir: string
  /** Port of 127.0.0.1 for clients; it wins over the file's. */
  port: number
  /** Log file. */
  log: string
}

export interface NatsServer {
  pid: number
  url: string
  stop(): Promise<void>
}

/** Starts a real nats-server and resolves once it accepts connections. */
export const startNatsServer = async ({ configFile, dataDir, port, log }: NatsServerOptions): Promise<NatsServer> => {
  await requireFreePort(port, 'NATS server')
  mkdirSync(dataDir, { recursive: true })
  const child = await spawnChild({
    name: 'nats-server',
    command: locateNatsServer(),
    args: ['--config', configFile, '--addr', '127.0.0.1', '--port', String(port)],
    cwd: dataDir,
    log,
  })
  await untilListening(child, port)
  return { pid: child.pid, url: `nats://127.0.0.1:${port}`, stop: () => child.stop() }
}
