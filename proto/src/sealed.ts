import { hash } from 'node:crypto'
import { decodeCanonical } from './base64url.js'
import { EphemeralKeys } from './ephemeral-keys.js'
import type { MemberId } from './ids.js'
import { decryptWith, encryptTo, OpeningKeys } from './jwe.js'
import type { PrivateKey, PublicKey } from './keys.js'
import { MeshError, type Reason } from './reasons.js'
import {
  maxSealedBytes,
  maxSealedLifetimeSeconds,
  type SealedReplyClaims,
  sealedReply,
  sealedRequest,
} from './sealed-types.js'
import { checkToken, type KeyOf, type ReplayStore, requireFirstUse, signToken } from './token.js'
import { skewOf } from './token-claims.js'

/**
 * Sealed messages between members: a JWS of the sender inside a JWE to the receiver. Whoever carries one learns nothing
 * from it; both ends keep proof of what the other said; a reply answers one request and no other.
 */
export interface SealingMember {
  readonly member: MemberId
  /** The service that speaks for the member, told to the receiver. */
  readonly service: string
  /** Ed25519. */
  readonly signKey: PrivateKey
  /** X25519; several during a rotation. */
  readonly sealKeys: readonly PrivateKey[]
}

export interface Receiver {
  readonly member: MemberId
  readonly sealKey: PublicKey
}

/** What the sender keeps to recognise the reply. */
export interface SentRequest {
  readonly to: MemberId
  readonly jti: string
  /** SHA-256 of the outer message, in base64url. */
  readonly sha256: string
}

export interface OpenedRequest {
  readonly sender: MemberId
  readonly senderService: string
  readonly method: string
  readonly jti: string
  readonly issuedAtSeconds: number
  readonly expiresAtSeconds: number
  readonly deadlineMs: number
  readonly body: Buffer
  /** SHA-256 of the outer message, in base64url. */
  readonly sha256: string
  /** The sender's JWS: proof, to keep, of what it asked. */
  readonly proof: string
}

export type ReplyOutcome =
  | { readonly status: 'ok'; readonly body: Uint8Array }
  | { readonly status: 'error'; readonly reason: Reason; readonly facts?: Readonly<Record<string, string>> }

/** The outcome, and the provider's JWS: proof, to keep, of what it answered. */
export type OpenedReply = (
  | { readonly status: 'ok'; readonly body: Buffer }
  | { readonly status: 'error'; readonly reason: Reason; readonly facts: Readonly<Record<string, string>> }
) & { readonly proof: string }

export interface OpeningExpectations {
  /** Members' message-signing keys, from the federation list in force. */
  readonly keyOf: KeyOf
  readonly nowSeconds: number
  readonly skewSeconds?: number
}

/** Seals and opens for one member; keeps the ephemeral and agreed keys, so make one per member and key set. */
export class Sealer {
  readonly #own: SealingMember
  readonly #ephemerals: EphemeralKeys
  readonly #openingKeys: OpeningKeys

  constructor(
    own: SealingMember,
    {
      ephemerals = new EphemeralKeys(),
      maxAgreedKeys = 4096,
    }: { ephemerals?: EphemeralKeys; maxAgreedKeys?: number } = {},
  ) {
    this.#own = own
    this.#ephemerals = ephemerals
    this.#openingKeys = new OpeningKeys(own.sealKeys, maxAgreedKeys)
  }

  /** A request, valid for 60 s from `nowSeconds`; `jti` is fresh and 1 to 64 base64url characters. Throws REQUEST_TOO_LARGE. */
  sealRequest(request: {
    to: Receiver
    method: string
    body: Uint8Array
    deadlineMs: number
    jti: string
    nowSeconds: number
  }): SentRequest & { readonly message: string } {
    const { to, method, body, deadlineMs, jti, nowSeconds } = request
    requireFits(body)
    const jws = signToken(
      sealedRequest,
      {
        iss: this.#own.member,
        svc: this.#own.service,
        aud: to.member,
        method,
        jti,
        ...validity(nowSeconds),
        deadline_ms: Math.floor(deadlineMs),
        body: encode(body),
      },
      this.#own.signKey,
    )
    const message = this.#encrypt(to.sealKey, jws, nowSeconds)
    return { message, to: to.member, jti, sha256: sha256(message) }
  }

  /**
   * The request in a message, accepted once by `replay`.
   * Throws REQUEST_TOO_LARGE or one of the TOKEN_ reasons (TOKEN_REPLAYED the second time).
   */
  async openRequest(
    message: string,
    expected: OpeningExpectations & { readonly replay: ReplayStore },
  ): Promise<OpenedRequest> {
    const opened = this.checkRequest(message, expected)
    const { sender: iss, jti, issuedAtSeconds: iat, expiresAtSeconds: exp } = opened
    await requireFirstUse({ iss, jti, iat, exp }, expected.replay, skewOf(expected))
    return opened
  }

  /** The same without the replay store: the caller records (sender, jti) itself, in the transaction of the effect. */
  checkRequest(message: string, { keyOf, nowSeconds, skewSeconds = 60 }: OpeningExpectations): OpenedRequest {
    const proof = this.#decrypt(message)
    const expected = { audience: this.#own.member, keyOf, nowSeconds, skewSeconds }
    const { iss, svc, method, jti, iat, exp, deadline_ms, body } = checkToken(proof, sealedRequest, expected)
    return {
      sender: iss,
      senderService: svc,
      method,
      jti,
      issuedAtSeconds: iat,
      expiresAtSeconds: exp,
      deadlineMs: deadline_ms,
      body: decodeCanonical(body),
      sha256: sha256(message),
      proof,
    }
  }

  /** The reply to a request, to the requester's seal key, valid for 60 s. Throws REQUEST_TOO_LARGE. */
  sealReply(
    request: Pick<OpenedRequest, 'sender' | 'jti' | 'sha256'>,
    { sealKey, outcome, nowSeconds }: { sealKey: PublicKey; outcome: ReplyOutcome; nowSeconds: number },
  ): string {
    const jws = signToken(
      sealedReply,
      {
        iss: this.#own.member,
        aud: request.sender,
        req: request.jti,
        req_sha256: request.sha256,
        ...validity(nowSeconds),
        ...outcomeClaims(outcome),
      },
      this.#own.signKey,
    )
    return this.#encrypt(sealKey, jws, nowSeconds)
  }

  /**
   * What the receiver of `sent` answered. Throws REPLY_MISMATCH for a reply to another request or by another member,
   * REQUEST_TOO_LARGE, or one of the TOKEN_ reasons.
   */
  openReply(
    message: string,
    sent: SentRequest,
    { keyOf, nowSeconds, skewSeconds = 60 }: OpeningExpectations,
  ): OpenedReply {
    const proof = this.#decrypt(message)
    const reply = checkToken(proof, sealedReply, { audience: this.#own.member, keyOf, nowSeconds, skewSeconds })
    const isOurs = reply.iss === sent.to && reply.req === sent.jti && reply.req_sha256 === sent.sha256
    if (!isOurs) throw new MeshError('REPLY_MISMATCH')
    const { body, reason = 'INTERNAL', facts = {} } = reply
    return body === undefined
      ? { status: 'error', reason, facts, proof }
      : { status: 'ok', body: decodeCanonical(body), proof }
  }

  #encrypt(recipient: PublicKey, jws: string, nowSeconds: number): string {
    const plaintext = Buffer.from(jws, 'latin1')
    const message = encryptTo(recipient, plaintext, { cty: 'JWT', ephemerals: this.#ephemerals, nowSeconds })
    if (message.length > maxSealedBytes) throw new MeshError('REQUEST_TOO_LARGE')
    return message
  }

  #decrypt(message: string): string {
    if (message.length > maxSealedBytes) throw new MeshError('REQUEST_TOO_LARGE')
    return decryptWith(this.#openingKeys, message, 'JWT').toString('latin1')
  }
}

const encode = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
const sha256 = (text: string): string => hash('sha256', text, 'base64url')

const validity = (nowSeconds: number): { iat: number; exp: number } => {
  const iat = Math.floor(nowSeconds)
  return { iat, exp: iat + maxSealedLifetimeSeconds }
}

const outcomeClaims = (outcome: ReplyOutcome): Pick<SealedReplyClaims, 'status' | 'body' | 'reason' | 'facts'> => {
  if (outcome.status === 'error') return outcome
  requireFits(outcome.body)
  return { status: 'ok', body: encode(outcome.body) }
}

/** Before the work of signing: a body alone larger than (3/4)³ of the limit can never fit. */
const requireFits = (body: Uint8Array): void => {
  if (body.length > (maxSealedBytes * 27) / 64 - 1024) throw new MeshError('REQUEST_TOO_LARGE')
}
