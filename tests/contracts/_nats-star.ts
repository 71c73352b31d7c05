/** A real nats-server with the generated accounts, and the clients of honest and hostile members. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeUser, fmtCreds } from '@nats-io/jwt'
import { createUser } from '@nats-io/nkeys'
import { type NatsConnection as Client, connect, credsAuthenticator, type Msg } from '@nats-io/transport-node'
import {
  type ConnectionKind,
  type NatsConnection,
  type NatsFederation,
  type NatsTopology,
  natsFederation,
} from '@unefois/deploy/sandbox/nats-accounts'
import { type NatsListen, natsConfig } from '@unefois/deploy/sandbox/nats-config'
import type { NatsGraph } from '@unefois/deploy/sandbox/nats-graph'
import { inMemory, keyPair, writePrivateFile } from '@unefois/deploy/sandbox/nats-keys'
import type { NatsServerClaims } from '@unefois/deploy/sandbox/nats-operator'
import { type NatsServer, startNatsServer } from '@unefois/deploy/sandbox/nats-server'
import { choosePort } from '@unefois/deploy/sandbox/ports'
import type { MemberId } from '@unefois/proto/ids'
import { expect, vi } from 'vitest'

/** One client and everything the broker told it. */
export interface Peer {
  readonly nc: Client
  readonly callerKey: string
  readonly heard: Msg[]
  /** Resolves with the first message of that text, whenever it comes. */
  hears(text: string): Promise<Msg>
  /** Resolves with the violation of that operation on that subject, whenever it comes. */
  refused(operation: 'publish' | 'subscription', subject: string): Promise<void>
  /** Hears a subject, and answers what `answer` has an answer for. */
  listen(subject: string, options?: { queue?: string; answer?: (message: Msg) => string | undefined }): Promise<void>
  close(): Promise<void>
}

/** Runs one federation, on one server or on a hub and a leaf server a member, until `stop`. */
export async function startStar(graph: NatsGraph, topology: NatsTopology) {
  const store = inMemory()
  const federation = await natsFederation(graph, store, { topology })
  const dir = mkdtempSync(join(tmpdir(), 'unefois-nats-'))
  const servers: NatsServer[] = []
  const peers: Peer[] = []

  const start = async (claims: NatsServerClaims, about: Omit<NatsListen, 'host' | 'port'>) => {
    const paths = { configFile: join(dir, `${about.name}.conf`), log: join(dir, `${about.name}.log`) }
    const listen = { ...about, host: '127.0.0.1', port: await choosePort() }
    writePrivateFile(paths.configFile, natsConfig(claims, listen))
    const server = await startNatsServer({ ...paths, dataDir: dir, port: listen.port })
    servers.push(server)
    return { ...server, ...paths, listen }
  }
  const leafPort = await choosePort()
  const hub = await start(federation.server, { name: 'hub', ...(federation.leaves.size > 0 ? { leafPort } : {}) })
  const leafUrls = new Map<string, string>()
  for (const [member, leaf] of federation.leaves) {
    const remotes = leaf.remotes.map(({ account, creds }) => {
      const credentials = join(dir, `${account}.creds`)
      writePrivateFile(credentials, creds)
      return { url: `nats-leaf://127.0.0.1:${leafPort}`, account, credentials }
    })
    leafUrls.set(member, (await start(leaf, { name: member, remotes })).url)
  }
  const urlAt = (member: string | undefined) => leafUrls.get(member ?? '') ?? hub.url

  const open = async (url: string, creds: string, about: Partial<NatsConnection>) => {
    const nc = await connect({
      servers: url,
      authenticator: credsAuthenticator(new TextEncoder().encode(creds)),
      reconnect: false,
      ...(about.inboxPrefix === undefined ? {} : { inboxPrefix: about.inboxPrefix }),
    })
    const peer = watch(nc, about.callerKey ?? '')
    peers.push(peer)
    return peer
  }
  const openOf = (from: NatsFederation, member: MemberId, service: string, kind: ConnectionKind) => {
    const found = from.connections.find((c) => c.member === member && c.service === service && c.kind === kind)
    if (!found) throw new Error(`${member} ${service} has no ${kind} connection`)
    return open(urlAt(member), found.creds, found)
  }

  return {
    federation,
    store,
    /** The public key of an account, by its name in the store. */
    keyOf: (account: string) => keyPair(store, 'account', account).getPublicKey(),
    /** A service with the credential it was given. */
    as: (member: MemberId, service: string, kind: ConnectionKind) => openOf(federation, member, service, kind),
    /** The same in a federation generated later. */
    with: openOf,
    /** Whoever holds an account's key may mint a user that the account's own limits alone restrain. */
    async minted(account: string): Promise<Peer> {
      const key = keyPair(store, 'account', account)
      const user = createUser()
      const jwt = await encodeUser('minted', user, key)
      const [, member, name = ''] = account.split('/')
      const url = name.startsWith('mesh-') ? hub.url : urlAt(member)
      return open(url, new TextDecoder().decode(fmtCreds(jwt, user)), { callerKey: key.getPublicKey() })
    },
    /** Connects to a member's server, or to the hub, with that credential or with none, and leaves. */
    async connectWith(creds: string | undefined, member?: MemberId) {
      const nc = await connect({
        servers: urlAt(member),
        reconnect: false,
        ...(creds ? { authenticator: credsAuthenticator(new TextEncoder().encode(creds)) } : {}),
      })
      await nc.close()
    },
    /** Gives the running hub other accounts, as an operator does when a member joins. */
    async reload(claims: NatsServerClaims) {
      const reloads = () => readFileSync(hub.log, 'utf8').split('Reloaded server configuration').length
      const before = reloads()
      writePrivateFile(hub.configFile, natsConfig(claims, hub.listen))
      process.kill(hub.pid, 'SIGHUP')
      await vi.waitFor(() => expect(reloads()).toBeGreaterThan(before), { timeout: 5000, interval: 10 })
    },
    async closePeers() {
      await Promise.all(peers.splice(0).map((peer) => peer.close()))
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()))
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function watch(nc: Client, callerKey: string): Peer {
  const heard: Msg[] = []
  const violations: string[] = []
  const waiting = new Map<string, () => void>()
  const awaited = new Map<string, (message: Msg) => void>()
  void (async () => {
    for await (const status of nc.status()) {
      if (status.type !== 'error') continue
      const { operation, subject } = status.error as Error & { operation?: string; subject?: string }
      const violation = `${operation} ${subject}`
      violations.push(violation)
      waiting.get(violation)?.()
    }
  })()
  return {
    nc,
    callerKey,
    heard,
    refused: (operation, subject) =>
      new Promise((resolve) => {
        const wanted = `${operation} ${subject}`
        if (violations.includes(wanted)) resolve()
        else waiting.set(wanted, resolve)
      }),
    hears: (text) =>
      new Promise((resolve) => {
        const found = heard.find((message) => message.string() === text)
        if (found) resolve(found)
        else awaited.set(text, resolve)
      }),
    async listen(subject, { queue, answer } = {}) {
      nc.subscribe(subject, {
        ...(queue === undefined ? {} : { queue }),
        callback: (error, message) => {
          if (error) return
          heard.push(message)
          awaited.get(message.string())?.(message)
          const text = answer?.(message)
          if (text !== undefined) message.respond(text)
        },
      })
      await nc.flush()
    },
    close: () => nc.close(),
  }
}

/** Sends again until it is heard: a subscription takes a moment to reach the hub. */
export async function insist(send: () => void, heard: Promise<unknown>): Promise<void> {
  const timer = setInterval(send, 100)
  send()
  await heard.finally(() => clearInterval(timer))
}

/** What a peer heard, each text once. */
export const textsOf = (...peers: Peer[]): string[] => [
  ...new Set(peers.flatMap((peer) => peer.heard.map((message) => message.string()))),
]
