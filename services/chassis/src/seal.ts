import { freshBytes } from '@unefois/proto/fresh-bytes'
import type { MemberId } from '@unefois/proto/ids'
import type { PrivateKey } from '@unefois/proto/keys'
import { MeshError } from '@unefois/proto/reasons'
import { type OpenedReply, type OpenedRequest, Sealer, type SentRequest } from '@unefois/proto/sealed'
import type { KeyOf } from '@unefois/proto/token'
import { type Clock, nowSeconds } from './clock.js'
import { toTextRefusal } from './errors-on-the-wire.js'
import type { FederationCache } from './federation-cache.js'

interface SealNeeds {
  readonly member: MemberId
  readonly service: string
  readonly keys: { readonly sign: PrivateKey; readonly seal: PrivateKey }
  readonly federation: FederationCache
  readonly clock: Clock
}

export interface SentSealed {
  readonly message: string
  readonly sent: SentRequest
  readonly service: string
}

/** How requests and replies between members are put into messages, and read. */
export type MessageSeal = Pick<Seal, 'request' | 'open' | 'reply' | 'openReply'>

/** Seals and opens for one service; finds keys in the federation list in force, and holds each key to its service. */
export class Seal {
  readonly #needs: SealNeeds
  readonly #sealer: Sealer

  constructor(needs: SealNeeds) {
    this.#needs = needs
    const { member, service, keys } = needs
    this.#sealer = new Sealer({ member, service, signKey: keys.sign, sealKeys: [keys.seal] })
  }

  /** A request to one service of another member. Errors: MEMBER_UNKNOWN, REQUEST_TOO_LARGE. */
  request(to: string, service: string, method: string, body: Uint8Array, deadlineMs: number): SentSealed {
    const now = nowSeconds(this.#needs.clock)
    const federation = this.#needs.federation.current
    const sealed = this.#sealer.sealRequest({
      to: { member: federation.member(to, now).id, sealKey: federation.sealKey(to, service) },
      method,
      body,
      deadlineMs,
      jti: freshBytes(16).toString('base64url'),
      nowSeconds: now,
    })
    return { message: sealed.message, sent: sealed, service }
  }

  /** A request sealed to this service, authentic and in time; whether it was accepted before is the caller's to ask. */
  open(message: string): OpenedRequest {
    const { keyOf, service } = this.#captureService()
    const opened = this.#sealer.checkRequest(message, { keyOf, nowSeconds: nowSeconds(this.#needs.clock) })
    if (service() !== opened.senderService) throw new MeshError('TOKEN_KEY_UNKNOWN')
    return opened
  }

  /** The reply to an opened request, for the service that sent it. */
  reply(request: OpenedRequest, outcome: Uint8Array | MeshError): string {
    const answer =
      outcome instanceof MeshError
        ? { status: 'error' as const, reason: outcome.reason, facts: toTextRefusal(outcome).facts }
        : { status: 'ok' as const, body: outcome }
    return this.#sealer.sealReply(request, {
      sealKey: this.#needs.federation.current.sealKey(request.sender, request.senderService),
      outcome: answer,
      nowSeconds: nowSeconds(this.#needs.clock),
    })
  }

  /** The reply to what this service sent. Errors: REPLY_MISMATCH, TOKEN_*. */
  openReply(message: string, { sent, service: asked }: SentSealed): OpenedReply {
    const { keyOf, service } = this.#captureService()
    const reply = this.#sealer.openReply(message, sent, { keyOf, nowSeconds: nowSeconds(this.#needs.clock) })
    if (service() !== asked) throw new MeshError('REPLY_MISMATCH')
    return reply
  }

  #captureService(): { keyOf: KeyOf; service: () => string | undefined } {
    let service: string | undefined
    return {
      keyOf: (issuer, kid) => {
        const signer = this.#needs.federation.current.signer(issuer, kid)
        service = signer?.service
        return signer?.key
      },
      service: () => service,
    }
  }
}
