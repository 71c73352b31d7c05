import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect, credsAuthenticator, type Msg, type NatsConnection } from '@nats-io/transport-node'
import type { MemberId } from '@unefois/proto/ids'
import { importPrivateKey } from '@unefois/proto/keys'
import { type OpenedReply, Sealer, type SentRequest } from '@unefois/proto/sealed'
import { callSubject } from '@unefois/proto/subjects'
import type { Places } from './places.js'
import type { ServiceName } from './topology.js'

const answerMs = 5000

/** A reply as a raw client gets it: sealed to it, or a bare reason. */
export type RawReply = { readonly sealed: OpenedReply } | { readonly refusal: string } | { readonly unreadable: string }

/**
 * A member that speaks with its real keys and credentials but with none of our code in between, so that it may say what our
 * services never would: for tests, and for the part of the story in which somebody tries.
 */
export class RawMember {
  readonly #federation: Places
  readonly #connection: NatsConnection
  readonly #callerKey: string
  readonly sealer: Sealer

  private constructor(
    federation: Places,
    member: MemberId,
    service: ServiceName,
    connection: NatsConnection,
    callerKey: string,
  ) {
    this.#federation = federation
    this.#connection = connection
    this.#callerKey = callerKey
    const own = federation.keys(member).sealed.get(service)
    if (!own) throw new Error(`${member}/${service} has no keys for sealed messages`)
    const key = (path: string) => importPrivateKey(JSON.parse(readFileSync(path, 'utf8')))
    this.sealer = new Sealer({ member, service, signKey: key(own.sign.path), sealKeys: [key(own.seal.path)] })
  }

  static async connect(federation: Places, member: string, service: ServiceName): Promise<RawMember> {
    const own = federation.nats.connections.find(
      (each) => each.member === member && each.service === service && each.kind === 'meshCalling',
    )
    if (!own?.callerKey || !own.inboxPrefix) throw new Error(`${member}/${service} does not call other members`)
    const connection = await connect({
      servers: federation.natsUrl,
      authenticator: credsAuthenticator(new TextEncoder().encode(own.creds)),
      inboxPrefix: own.inboxPrefix,
    })
    return new RawMember(federation, own.member, service, connection, own.callerKey)
  }

  /** Seals a request of this member's own. */
  seal(
    to: string,
    service: string,
    method: string,
    body: Uint8Array,
    changes: { readonly deadlineMs?: number; readonly jti?: string; readonly nowSeconds?: number } = {},
  ): SentRequest & { readonly message: string } {
    return this.sealer.sealRequest({
      to: { member: to as MemberId, sealKey: this.#federation.list().sealKey(to, service) },
      method,
      body,
      deadlineMs: changes.deadlineMs ?? answerMs,
      jti: changes.jti ?? randomBytes(16).toString('base64url'),
      nowSeconds: changes.nowSeconds ?? Math.floor(Date.now() / 1000),
    })
  }

  /** Sends any text as a request; opens the reply when it was sealed for `sent`. */
  async send(
    to: string,
    service: string,
    method: string,
    message: string,
    sent?: SentRequest,
    callerKey: string = this.#callerKey,
  ): Promise<RawReply> {
    const subject = callSubject({ member: to as MemberId, service, method, callerKey })
    const reply: Msg = await this.#connection.request(subject, message, { timeout: answerMs })
    const bare = reply.headers?.get('Unefois-Refusal')
    if (bare) return { refusal: (JSON.parse(bare) as { reason: string }).reason }
    if (!sent) return { unreadable: reply.string() }
    const list = this.#federation.list()
    const sealed = this.sealer.openReply(reply.string(), sent, {
      keyOf: (issuer, kid) => list.signer(issuer, kid)?.key,
      nowSeconds: Math.floor(Date.now() / 1000),
    })
    return { sealed }
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }
}
