import { isMemberId, type MemberId } from './ids.js'
import { isReason, type Reason } from './reasons.js'
import { isJsonObject } from './strict-json.js'
import type { TokenType } from './token.js'

/** The two signed halves of an exchange between members, as they stand inside the encryption. Times in seconds. */

/** Largest sealed message, in bytes of its outer JWE; base64url thrice leaves about 110 kB for the body. */
export const maxSealedBytes = 256 * 1024
export const maxSealedLifetimeSeconds = 60

const maxTokenBytes = Math.floor((maxSealedBytes * 3) / 4)

export interface SealedRequestClaims {
  readonly iss: MemberId
  /** The sender's service. */
  readonly svc: string
  readonly aud: MemberId
  /** Full gRPC name: `unefois.documents.v1.DocumentsService/ReleaseEvidence`. */
  readonly method: string
  readonly jti: string
  readonly iat: number
  readonly exp: number
  /** Time the sender still has, in milliseconds, when it signed. */
  readonly deadline_ms: number
  /** Protobuf bytes in base64url. */
  readonly body: string
}

export const sealedRequest: TokenType<SealedRequestClaims> = {
  typ: 'sealed-request+jws',
  maxBytes: maxTokenBytes,
  algorithms: ['EdDSA'],
  expires: 'required',
  isSingleUse: true,
  maxLifetimeSeconds: maxSealedLifetimeSeconds,
  readClaims: ({ iss, svc, aud, method, jti, iat, exp, deadline_ms, body }) =>
    isMember(iss) &&
    isText(svc, serviceName) &&
    isMember(aud) &&
    isText(method, methodName) &&
    isText(jti, messageId) &&
    isSeconds(iat) &&
    isSeconds(exp) &&
    isSeconds(deadline_ms) &&
    deadline_ms > 0 &&
    typeof body === 'string'
      ? { iss, svc, aud, method, jti, iat, exp, deadline_ms, body }
      : undefined,
}

export interface SealedReplyClaims {
  readonly iss: MemberId
  readonly aud: MemberId
  /** The request's `jti`. */
  readonly req: string
  /** SHA-256 of the request's outer compact JWE, in base64url. */
  readonly req_sha256: string
  readonly iat: number
  readonly exp: number
  readonly status: 'ok' | 'error'
  /** Protobuf bytes in base64url, when `ok`. */
  readonly body?: string
  /** When `error`. A reason newer than our list reads as INTERNAL, without facts. */
  readonly reason?: Reason
  readonly facts?: Readonly<Record<string, string>>
}

export const sealedReply: TokenType<SealedReplyClaims> = {
  typ: 'sealed-reply+jws',
  maxBytes: maxTokenBytes,
  algorithms: ['EdDSA'],
  expires: 'required',
  // Bound to one request by `req` and `req_sha256`: whoever waits for it takes one reply.
  isSingleUse: false,
  maxLifetimeSeconds: maxSealedLifetimeSeconds,
  readClaims: (payload) => {
    const { iss, aud, req, req_sha256, iat, exp } = payload
    const outcome = readOutcome(payload)
    return isMember(iss) &&
      isMember(aud) &&
      isText(req, messageId) &&
      isText(req_sha256, sha256Text) &&
      isSeconds(iat) &&
      isSeconds(exp) &&
      outcome !== undefined
      ? { iss, aud, req, req_sha256, iat, exp, ...outcome }
      : undefined
  },
}

const readOutcome = ({
  status,
  body,
  reason,
  facts = {},
}: Readonly<Record<string, unknown>>): Pick<SealedReplyClaims, 'status' | 'body' | 'reason' | 'facts'> | undefined => {
  if (status === 'ok' && typeof body === 'string' && reason === undefined) return { status, body }
  if (status !== 'error' || typeof reason !== 'string' || body !== undefined || !isFacts(facts)) return undefined
  return isReason(reason) ? { status, reason, facts } : { status, reason: 'INTERNAL', facts: {} }
}

const serviceName = /^[a-z][a-z0-9-]{0,39}$/
const methodName = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,9}\.[A-Z][A-Za-z0-9]{0,63}\/[A-Z][A-Za-z0-9]{0,63}$/
const messageId = /^[A-Za-z0-9_-]{1,64}$/
const sha256Text = /^[A-Za-z0-9_-]{43}$/

const isMember = (value: unknown): value is MemberId => typeof value === 'string' && isMemberId(value)
const isText = (value: unknown, pattern: RegExp): value is string => typeof value === 'string' && pattern.test(value)
const isSeconds = (value: unknown): value is number => Number.isSafeInteger(value)
const isFacts = (value: unknown): value is Record<string, string> =>
  isJsonObject(value) && Object.values(value).every((each) => typeof each === 'string')
