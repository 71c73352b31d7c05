/**
 * A verified federation list, indexed for the questions that a request asks of it.
 * Rollback and freeze are refused as in TUF (https://theupdateframework.github.io/specification/): the serial never goes
 * back, and a list is used for at most 24 h after it was signed.
 */
import type { DeclarationKind, DeclarationReceiver } from './declaration-kind.js'
import { admissionRefusal } from './federation-admission.js'
import {
  type Authorisation,
  authorisationType,
  type EvidenceType,
  type FederationClaims,
  federationListType,
  type IdentityProvider,
  type KeyUse,
  type Member,
  type Purpose,
} from './federation-list.js'
import { type PublicKey, registerPublicKey } from './keys.js'
import { LruMap } from './lru.js'
import { MeshError } from './reasons.js'
import { parseJsonObject } from './strict-json.js'
import { checkToken, type KeyOf } from './token.js'

const mostKeys = 50_000
/** Registering is pure and costly: a node of many members reads the same list once for each service. */
const registeredKeys = new LruMap<string, PublicKey>(mostKeys)

const keyFrom = (jwk: Readonly<Record<string, unknown>>): PublicKey => {
  const text = JSON.stringify(jwk)
  const known = registeredKeys.get(text)
  if (known) return known
  const key = registerPublicKey(jwk)
  registeredKeys.set(text, key)
  return key
}

const authorisationKey = (requester: string, provider: string, type: string, purposeId: string): string =>
  `${requester}\n${provider}\n${type}\n${purposeId}`

/** A verified list, indexed for the questions that a request asks of it. Immutable; a newer list is a new object. */
export class Federation {
  readonly claims: FederationClaims
  readonly #members: ReadonlyMap<string, Member>
  readonly #byBusKey: ReadonlyMap<string, Member>
  readonly #keys = new Map<string, PublicKey>()
  readonly #types: ReadonlyMap<string, EvidenceType>
  readonly #purposes: ReadonlyMap<string, Purpose>
  /** Those for the same four, the newest first: one that is not yet in force leaves its predecessor in force. */
  readonly #authorisations = new Map<string, Authorisation[]>()
  readonly #sealKid = new Map<string, string>()
  readonly #signers = new Map<string, { key: PublicKey; service: string }>()
  readonly #providerKeys = new Map<string, PublicKey>()

  private constructor(claims: FederationClaims) {
    this.claims = claims
    this.#members = new Map(claims.members.map((m) => [m.id, m]))
    this.#byBusKey = new Map(claims.members.flatMap((m) => (m.busKey === undefined ? [] : [[m.busKey, m] as const])))
    this.#types = new Map(claims.evidenceTypes.map((t) => [t.id, t]))
    this.#purposes = new Map(claims.purposes.map((p) => [p.id, p]))
    for (const m of claims.members) {
      for (const key of m.keys) {
        const registered = keyFrom(key.jwk)
        this.#keys.set(`${m.id}\n${key.use}\n${key.service ?? ''}\n${registered.kid}`, registered)
        if (key.use === 'sign')
          this.#signers.set(`${m.id}\n${registered.kid}`, { key: registered, service: key.service ?? '' })
        if (key.use === 'seal') this.#sealKid.set(`${m.id}\n${key.service ?? ''}`, registered.kid)
      }
    }
    for (const provider of claims.identityProviders) {
      for (const jwk of provider.keys) {
        const registered = keyFrom(jwk)
        this.#providerKeys.set(`${provider.issuer}\n${registered.kid}`, registered)
      }
    }
  }

  /**
   * Verifies a list and each provider's signature in it. An authorisation that its provider did not sign, or that no member
   * may rely on (`admissionRefusal`), is left out and named to `onLeftOut`. Errors: as checkToken; FEDERATION_LIST_INVALID when the serial goes back, or when two members
   * share an id or a bus key.
   */
  static verify(
    compact: string,
    options: {
      readonly signerKeyOf: KeyOf
      readonly nowSeconds: number
      /** The highest serial seen so far; 0 when none. */
      readonly serialAtLeast: number
      readonly onLeftOut?: (error: MeshError) => void
    },
  ): Federation {
    const claims = checkToken(compact, federationListType, {
      keyOf: options.signerKeyOf,
      nowSeconds: options.nowSeconds,
    })
    if (claims.serial < options.serialAtLeast)
      throw new MeshError('FEDERATION_LIST_INVALID', { detail: 'Its serial is lower than one seen before.' })
    requireDistinct(claims.members.map(({ id }) => id))
    requireDistinct(claims.members.flatMap(({ busKey = [] }) => busKey))
    const federation = new Federation(claims)
    for (const signed of claims.authorisations) {
      try {
        federation.#admit(signed, options.nowSeconds)
      } catch (error) {
        if (!(error instanceof MeshError)) throw error
        options.onLeftOut?.(error)
      }
    }
    return federation
  }

  #admit(signed: string, nowSeconds: number): void {
    const claims = checkToken(signed, authorisationType, {
      keyOf: (issuer, kid) => this.keyOf('authorisation')(issuer, kid),
      // A future authorisation is admitted now and comes into force by itself.
      nowSeconds: Math.max(nowSeconds, notBeforeOf(signed)),
    })
    const { iss: provider, iat: _, ...rest } = claims
    const { requester, evidenceType: typeId, purpose: purposeId } = rest
    const type = this.#types.get(typeId)
    const purpose = this.#purposes.get(purposeId)
    if (!this.#members.has(requester) || !type || !purpose)
      throw new MeshError('FEDERATION_LIST_INVALID', { detail: `Authorisation ${rest.id} names something unknown.` })
    const refusal = admissionRefusal(claims, type, purpose)
    if (refusal !== undefined)
      throw new MeshError('FEDERATION_LIST_INVALID', { detail: `Authorisation ${rest.id} ${refusal}.` })
    const key = authorisationKey(requester, provider, typeId, purposeId)
    const all = [...(this.#authorisations.get(key) ?? []), { ...rest, provider }]
    this.#authorisations.set(
      key,
      all.sort((a, b) => b.nbf - a.nbf),
    )
  }

  /** Key look-up for one use, and one service where the use belongs to a service. */
  keyOf(use: KeyUse, service = ''): KeyOf {
    return (issuer, kid) => this.#keys.get(`${issuer}\n${use}\n${service}\n${kid}`)
  }

  /** The key under which a member's service signs messages, with that service; undefined when the list has none. */
  signer(issuer: string, kid: string): { readonly key: PublicKey; readonly service: string } | undefined {
    return this.#signers.get(`${issuer}\n${kid}`)
  }

  /** Key look-up among the federated identity providers. */
  identityProviderKeyOf: KeyOf = (issuer, kid) => this.#providerKeys.get(`${issuer}\n${kid}`)

  identityProvider(issuer: string): IdentityProvider | undefined {
    return this.claims.identityProviders.find((provider) => provider.issuer === issuer)
  }

  /** The key to which a message for this service of this member is sealed. Error: MEMBER_UNKNOWN. */
  sealKey(id: string, service: string): PublicKey {
    const kid = this.#sealKid.get(`${id}\n${service}`)
    const key = kid === undefined ? undefined : this.#keys.get(`${id}\nseal\n${service}\n${kid}`)
    if (!key) throw new MeshError('MEMBER_UNKNOWN')
    return key
  }

  /** A member whose security approval has not ended. Error: MEMBER_UNKNOWN. */
  member(id: string, nowSeconds: number): Member {
    const found = this.#members.get(id)
    if (!found || found.approvedUntilSeconds <= nowSeconds) throw new MeshError('MEMBER_UNKNOWN')
    return found
  }

  memberByBusKey(busKey: string): Member | undefined {
    return this.#byBusKey.get(busKey)
  }

  hasRole(id: string, role: string): boolean {
    return this.#members.get(id)?.roles.some((held) => held === role) ?? false
  }

  /** The one member with a role that the federation has once. Error: MEMBER_UNKNOWN. */
  memberWithRole(role: 'portal' | 'identity-authority' | 'consent-authority'): Member {
    const found = this.claims.members.find((m) => m.roles.includes(role))
    if (!found) throw new MeshError('MEMBER_UNKNOWN')
    return found
  }

  evidenceType(id: string): EvidenceType {
    const found = this.#types.get(id)
    if (!found) throw new MeshError('EVIDENCE_TYPE_UNKNOWN')
    return found
  }

  purpose(id: string): Purpose {
    const found = this.#purposes.get(id)
    if (!found) throw new MeshError('PURPOSE_NOT_AUTHORISED')
    return found
  }

  /** What a person may declare. Error: DECLARATION_KIND_UNKNOWN. */
  declarationKind(id: string): DeclarationKind {
    const found = this.claims.declarations?.find((kind) => kind.id === id)
    if (!found) throw new MeshError('DECLARATION_KIND_UNKNOWN')
    return found
  }

  /** How a member receives a kind of declaration. Errors: DECLARATION_KIND_UNKNOWN, DECLARATION_NOT_RECEIVED. */
  declarationReceiver(kind: string, member: string): DeclarationReceiver {
    const found = this.declarationKind(kind).receivers.find((each) => each.member === member)
    if (!found) throw new MeshError('DECLARATION_NOT_RECEIVED')
    return found
  }

  /** The third gate; of several in force, the newest. Error: PURPOSE_NOT_AUTHORISED when none joins the four. */
  authorisation(
    of: { requester: string; provider: string; evidenceType: string; purpose: string },
    nowSeconds: number,
  ): Authorisation {
    const all = this.#authorisations.get(authorisationKey(of.requester, of.provider, of.evidenceType, of.purpose))
    const found = all?.find(isInForce(nowSeconds))
    if (!found) throw new MeshError('PURPOSE_NOT_AUTHORISED')
    return found
  }

  /** Whether any authorisation in force joins requester, provider and purpose: the identity authority's question. */
  isJoined(requester: string, provider: string, purposeId: string, nowSeconds: number): boolean {
    return this.#joining(requester, provider, purposeId, nowSeconds).length > 0
  }

  /**
   * The age in years that a person must have reached for any exchange of these three, 0 for none. A ticket names no evidence
   * type, so where authorisations differ the highest age counts for all of them.
   */
  minimumAgeYears(requester: string, provider: string, purposeId: string, nowSeconds: number): number {
    const joining = this.#joining(requester, provider, purposeId, nowSeconds)
    return Math.max(0, ...joining.map(({ minimumAgeYears }) => minimumAgeYears ?? 0))
  }

  #joining(requester: string, provider: string, purposeId: string, nowSeconds: number): Authorisation[] {
    return this.authorisationsInForce(nowSeconds).filter(
      (a) => a.requester === requester && a.provider === provider && a.purpose === purposeId,
    )
  }

  authorisationsInForce(nowSeconds: number): Authorisation[] {
    return [...this.#authorisations.values()].flatMap((all) => all.find(isInForce(nowSeconds)) ?? [])
  }
}

const isInForce =
  (nowSeconds: number) =>
  ({ nbf, exp }: Authorisation): boolean =>
    nowSeconds >= nbf && nowSeconds < exp

/** Read before anything is verified, so it may be anything; what is no authorisation is then refused as any other. */
const notBeforeOf = (compact: string): number => {
  try {
    const { nbf } = parseJsonObject(Buffer.from(compact.split('.')[1] ?? '', 'base64url'))
    return Number.isSafeInteger(nbf) ? (nbf as number) : 0
  } catch {
    return 0
  }
}

const requireDistinct = (names: readonly string[]): void => {
  if (new Set(names).size !== names.length)
    throw new MeshError('FEDERATION_LIST_INVALID', { detail: 'Two members share an id or a bus key.' })
}
