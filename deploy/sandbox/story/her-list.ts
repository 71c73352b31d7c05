import { readFileSync } from 'node:fs'
import { openCheckpoint } from '@unefois/proto/checkpoint'
import { leafHash } from '@unefois/proto/exchange-log'
import { registerPublicKey } from '@unefois/proto/keys'
import { verifyInclusion } from '@unefois/proto/merkle-proof'
import { logIn } from '../log-in.js'
import type { Places } from '../places.js'
import type { PlannedPerson } from '../plan.js'

/** One use as the portal lists it. */
export interface Use {
  readonly member: string
  readonly recordId: string
  readonly requester: string
  readonly provider: string
  readonly purpose: string
  readonly fields: readonly string[]
  readonly predicates: readonly string[]
  readonly outcome: string
  readonly reason: string
  readonly at: string
  readonly exchangeId: string
}

/** A consent as the portal lists it. */
export interface OwnConsent {
  readonly id: string
  readonly state: string
  readonly purpose: string
  readonly validFrom: string
  readonly validUntil: string
  readonly receipt: unknown
}

/** Who looks, and where. */
export interface Onlooker {
  readonly places: Places
  readonly script: { readonly portal: string }
  readonly person: PlannedPerson
}

/** The person at the portal's REST door, with a token of her own login. */
export class PortalVisit {
  readonly #origin: string
  readonly #places: Places
  readonly #headers: Record<string, string>

  private constructor(places: Places, portal: string, idToken: string) {
    this.#places = places
    this.#origin = places.origin(portal)
    this.#headers = { authorization: `Bearer ${idToken}` }
  }

  static async open({ places, script, person }: Onlooker): Promise<PortalVisit> {
    const client = {
      clientId: script.portal,
      jwk: JSON.parse(readFileSync(places.oidcClientKey(script.portal).path, 'utf8')),
      redirectUri: `${places.origin(script.portal)}/callback`,
    }
    const { idToken } = await logIn(places.issuer, client, person.login ?? '')
    return new PortalVisit(places, script.portal, idToken)
  }

  async #ask<T>(method: string, path: string): Promise<T> {
    const response = await fetch(`${this.#origin}${path}`, { method, headers: this.#headers })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }

  /** Every use, newest first, from each agency that knows her. */
  async uses(): Promise<{
    readonly accesses: readonly Use[]
    readonly members: readonly { readonly member: string }[]
  }> {
    return this.#ask('GET', '/v1/me/accesses')
  }

  async consents(): Promise<readonly OwnConsent[]> {
    const { consents } = await this.#ask<{ consents: [] }>('GET', '/v1/me/consents')
    return consents
  }

  /** Withdraws a consent; answers when it was recorded and when it came into force. */
  async withdraw(id: string): Promise<{ readonly recordedAt: string; readonly inForceAt: string | null }> {
    return this.#ask('DELETE', `/v1/me/consents/${id}`)
  }

  /** Fetches the proof of one use and verifies it as anybody can offline: record, salt, path and the log's signed head. */
  async isProved(use: Pick<Use, 'member' | 'recordId'>): Promise<boolean> {
    return (await this.provenRecord(use)) !== undefined
  }

  /** The same, and the record that is proved; undefined when it is not. */
  async provenRecord({
    member,
    recordId,
  }: Pick<Use, 'member' | 'recordId'>): Promise<Readonly<Record<string, unknown>> | undefined> {
    const proof = await this.#ask<{
      record: string
      salt: string
      leafIndex: number
      checkpoint: string
      inclusionProof: string[]
    }>('GET', `/v1/me/accesses/${member}/${recordId}/proof`)
    const places = this.#places
    const key = registerPublicKey(places.keys(member).log.publicJwk)
    const origin = `${places.plan.federation}/${member}`
    const head = openCheckpoint(proof.checkpoint, { origin, key })
    const record = Buffer.from(proof.record, 'base64')
    const leaf = leafHash(Buffer.from(proof.salt, 'base64'), record)
    const path = proof.inclusionProof.map((hash) => Buffer.from(hash, 'base64'))
    const isProved = verifyInclusion(leaf, proof.leafIndex, head.size, path, Buffer.from(head.root))
    return isProved ? JSON.parse(record.toString()) : undefined
  }
}
