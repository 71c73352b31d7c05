import { createHash } from 'node:crypto'
import type { Clock } from '@unefois/chassis/clock'
import type { Deadline } from '@unefois/chassis/deadline'
import { decodeCanonical } from '@unefois/proto/base64url'
import { LruMap } from '@unefois/proto/lru'
import { MeshError } from '@unefois/proto/reasons'
import { parseJsonObject } from '@unefois/proto/strict-json'
import { isSameType, readHeader } from '@unefois/proto/token-header'
import type { IdentityClient } from '../context.js'

const mostRemembered = 10_000
const maxTokenChars = 8192
/** A token that ends within this is exchanged again, so that it outlives the request. */
const marginMs = 5000

export interface AccessToken {
  readonly token: string
  readonly expiresAtMs: number
}

interface TokenExchangeNeeds {
  readonly member: string
  readonly identity: Pick<IdentityClient, 'exchangeToken'>
  readonly clock: Clock
}

/**
 * Turns whatever token a request brings into an access token of this member (RFC 8693, by the own identity service).
 * Reads tokens without verifying them: the services behind verify every one.
 */
export class TokenExchange {
  readonly #needs: TokenExchangeNeeds
  readonly #known = new LruMap<string, AccessToken>(mostRemembered)
  readonly #underWay = new Map<string, Promise<AccessToken>>()

  constructor(needs: TokenExchangeNeeds) {
    this.#needs = needs
  }

  /** The access token behind an Authorization header (RFC 6750). Errors: TOKEN_*, and those of ExchangeToken. */
  async fromHeader(authorization: string | undefined, deadline: Deadline): Promise<string> {
    if (authorization === undefined) throw new MeshError('TOKEN_MISSING')
    const [, token] = /^bearer ([^\s]+)$/i.exec(authorization) ?? []
    if (token === undefined || token.length > maxTokenChars) throw new MeshError('TOKEN_MALFORMED')
    const { typ, payload } = peek(token)
    if (typ !== null && isSameType('at+jwt', typ) && payload.iss === this.#needs.member) return token
    const hash = createHash('sha256').update(token).digest('base64url')
    const known = this.#known.get(hash)
    if (known && known.expiresAtMs - marginMs > this.#needs.clock.nowMs()) return known.token
    // What is remembered ends with the token that was exchanged: an expired one must not open the door.
    const endsAtMs = typeof payload.exp === 'number' ? payload.exp * 1000 : Number.POSITIVE_INFINITY
    const exchanged = await this.#once(hash, async () => {
      const fresh = await this.exchange(token, 'urn:ietf:params:oauth:token-type:jwt', deadline)
      return { token: fresh.token, expiresAtMs: Math.min(fresh.expiresAtMs, endsAtMs) }
    })
    return exchanged.token
  }

  /** Exchanges a federated token now. */
  async exchange(token: string, type: string, deadline: Deadline): Promise<AccessToken> {
    const { identity, clock } = this.#needs
    const answer = await identity.exchangeToken({ subjectToken: token, subjectTokenType: type }, { deadline })
    return { token: answer.accessToken, expiresAtMs: clock.nowMs() + answer.expiresInSeconds * 1000 }
  }

  async #once(hash: string, exchange: () => Promise<AccessToken>): Promise<AccessToken> {
    const underWay = this.#underWay.get(hash) ?? exchange()
    this.#underWay.set(hash, underWay)
    try {
      const exchanged = await underWay
      this.#known.set(hash, exchanged)
      return exchanged
    } finally {
      this.#underWay.delete(hash)
    }
  }
}

const peek = (token: string): { typ: string | null; payload: Record<string, unknown> } => {
  const [header = '', payload = '', signature = '', ...rest] = token.split('.')
  if (signature === '' || rest.length > 0) throw new MeshError('TOKEN_MALFORMED')
  return { typ: readHeader(header).typ, payload: parseJsonObject(decodeCanonical(payload)) }
}
