import { readFileSync } from 'node:fs'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { MemberId } from '@unefois/proto/ids'
import { inboxPrefix } from '@unefois/proto/subjects'
import { z } from 'zod'
import type { Log } from './log.js'
import { nkeyAuthenticator } from './nkey-authenticator.js'

/**
 * One service's part of the star of accounts: a calling and a serving connection among its neighbours, and the same among
 * the members for a service that speaks or listens beyond its agency. Credentials are paths to .creds files.
 */
export const busConfig = z.strictObject({
  url: z.string(),
  homeCalling: z.string().optional(),
  homeServing: z.string().optional(),
  meshCalling: z.string().optional(),
  meshServing: z.string().optional(),
  /** The key that the hub vouches for, where a leaf's local account carries the calls; otherwise the credential's own. */
  meshCallerKey: z.string().optional(),
  /** Each neighbour's bus name, by the public key of its calling account. */
  neighbours: z.record(z.string(), z.string()),
})
export type BusConfig = z.infer<typeof busConfig>

/** A connection on which a service calls, with the account key that the broker will vouch for. */
export interface CallingConnection {
  readonly connection: NatsConnection
  readonly callerKey: string
  /** False while the connection is lost: the client drops what is sent then at its next attempt to connect. */
  isUp(): boolean
}

export interface Bus {
  readonly member: MemberId
  readonly service: string
  readonly neighbours: Readonly<Record<string, string>>
  readonly homeCalling?: CallingConnection
  readonly homeServing?: NatsConnection
  readonly meshCalling?: CallingConnection
  readonly meshServing?: NatsConnection
  isConnected(): boolean
  /** Ends the serving connections once what they sent has left; callers stay connected. */
  drainServing(): Promise<void>
  close(): Promise<void>
}

/** The account that issued the user of a .creds file: its `issuer_account`, or the signer itself. */
const accountKeyOf = (creds: string): string => {
  const jwt = /-----BEGIN NATS USER JWT-----\s*(\S+)/.exec(creds)?.[1] ?? ''
  const claims = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as {
    iss: string
    nats: { issuer_account?: string }
  }
  return claims.nats.issuer_account ?? claims.iss
}

/** Connects one service to the bus; afterwards each connection restores itself for as long as it takes. */
export const connectBus = async (config: BusConfig, member: MemberId, service: string, log: Log): Promise<Bus> => {
  const opened: NatsConnection[] = []
  const open = async (kind: string, path: string): Promise<{ connection: NatsConnection; creds: string }> => {
    const creds = readFileSync(path, 'utf8')
    const connection = await connect({
      servers: config.url,
      name: `${member}/${service} ${kind}`,
      authenticator: nkeyAuthenticator(creds),
      inboxPrefix: inboxPrefix(service),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      waitOnFirstConnect: true,
      // A stack trace for each request, made before anything has failed, costs a twentieth of an exchange.
      noAsyncTraces: true,
    })
    opened.push(connection)
    void watch(connection, kind, log)
    return { connection, creds }
  }
  const calling = async (kind: string, path?: string, callerKey?: string): Promise<CallingConnection | undefined> => {
    if (path === undefined) return undefined
    const { connection, creds } = await open(kind, path)
    return { connection, callerKey: callerKey ?? accountKeyOf(creds), isUp: () => isUp(connection) }
  }
  const serving = async (kind: string, path: string | undefined): Promise<NatsConnection | undefined> =>
    path === undefined ? undefined : (await open(kind, path)).connection
  const [homeCalling, homeServing, meshCalling, meshServing] = await Promise.all([
    calling('home calling', config.homeCalling),
    serving('home serving', config.homeServing),
    calling('mesh calling', config.meshCalling, config.meshCallerKey),
    serving('mesh serving', config.meshServing),
  ])
  return {
    member,
    service,
    neighbours: config.neighbours,
    ...(homeCalling && { homeCalling }),
    ...(homeServing && { homeServing }),
    ...(meshCalling && { meshCalling }),
    ...(meshServing && { meshServing }),
    isConnected: () => opened.every((connection) => !connection.isClosed()) && opened.every(isUp),
    drainServing: async () => {
      await Promise.allSettled([homeServing, meshServing].map((connection) => connection?.drain()))
    },
    close: async () => {
      await Promise.allSettled(opened.map((connection) => connection.close()))
    },
  }
}

const down = new WeakSet<NatsConnection>()
const isUp = (connection: NatsConnection): boolean => !down.has(connection)

const watch = async (connection: NatsConnection, kind: string, log: Log): Promise<void> => {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') {
      down.add(connection)
      log.warn({ kind }, 'the bus connection was lost')
    } else if (status.type === 'reconnect') {
      down.delete(connection)
      log.info({ kind }, 'the bus connection is back')
    } else if (status.type === 'error') log.error({ kind, err: status.error }, 'the bus refused something')
  }
}
