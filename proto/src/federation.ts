/**
 * The federation list: who is a member, with which keys, and which exchanges are authorised. A JWS of the federation signer;
 * each authorisation inside is a JWS of its provider, so the signer alone can enrol nobody into anybody's data.
 * Rollback and freeze are refused as in TUF (https://theupdateframework.github.io/specification/): the serial never goes
 * back, and a list is used for at most 24 h after it was signed.
 */
import { z } from 'zod'
import { isMemberId, type MemberId } from './ids.js'
import { type PublicKey, registerPublicKey } from './keys.js'
import { MeshError } from './reasons.js'
import { parseJsonObject } from './strict-json.js'
import { checkToken, type KeyOf, type TokenType } from './token.js'

/** The purpose of the portal's own tickets: a person looking at what is held and recorded about them (GDPR article 15). */
export const personalAccessPurpose = 'personal-access'

const memberId = z.string().refine(isMemberId, 'not a member id') as unknown as z.ZodType<MemberId>
const bilingual = z.strictObject({ fr: z.string().min(1), en: z.string().min(1) })
const seconds = z.number().int().nonnegative()

/** What a member's key may be used for. `sign` and `seal` keys belong to one service; the others to the member. */
const memberKey = z.strictObject({
  use: z.enum(['sign', 'seal', 'token', 'authorisation', 'statement', 'log', 'ticket']),
  service: z.string().optional(),
  jwk: z.record(z.string(), z.unknown()),
})

const member = z.strictObject({
  id: memberId,
  name: bilingual,
  roles: z.array(z.enum(['agency', 'portal', 'identity-authority', 'consent-authority'])).min(1),
  /** Public key of the member's calling account on the bus; absent for a member that only answers. */
  busKey: z.string().min(1).optional(),
  keys: z.array(memberKey),
  /** Origin of the member's gateway; absent when it has none. */
  origin: z.string().optional(),
  /** Where a consent request may send a person back to. */
  returnUrls: z.array(z.string()),
  hostingCountry: z.string().length(2),
  /** End of the security approval; a member is not routed after it. */
  approvedUntilSeconds: seconds,
  contact: bilingual,
})

const route = z.strictObject({
  kind: z.enum(['own-document', 'statement-on-honour', 'counter', 'telephone', 'paper']),
  text: bilingual,
})

const evidenceType = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{1,63}$/),
  /** `national`: field names of a national contract; `own`: ours. */
  contract: z.enum(['national', 'own']),
  title: bilingual,
  /** SHA-256 of the schema's RFC 8785 bytes, base64url. */
  schemaSha256: z.string(),
  providers: z.array(memberId),
  fieldTitles: z.record(z.string(), bilingual),
  predicateTitles: z.record(z.string(), bilingual),
  /** Ways on for a person when there is no evidence. */
  routes: z.array(route).min(1),
})

const purpose = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{1,63}$/),
  title: bilingual,
  textVersion: z.string(),
  /** What the person is told or asked. */
  text: bilingual,
})

const identityProvider = z.strictObject({
  issuer: z.string(),
  keys: z.array(z.record(z.string(), z.unknown())),
  maximumAcr: z.enum(['eidas1', 'eidas2', 'eidas3']),
  population: z.enum(['citizens', 'agents']),
  /** Which member uses which client id at this provider. */
  clients: z.record(z.string(), z.string()),
})

const listClaims = z.strictObject({
  iss: z.string(),
  federation: z.string(),
  serial: z.number().int().positive(),
  iat: seconds,
  exp: seconds,
  members: z.array(member),
  evidenceTypes: z.array(evidenceType),
  purposes: z.array(purpose),
  identityProviders: z.array(identityProvider),
  authorisations: z.array(z.string()),
})

/** A predicate whose constant is fixed by the provider; its only run-time argument is a second person. */
const predicate = z.discriminatedUnion('kind', [
  z.strictObject({ id: z.string(), kind: z.literal('related-subject'), relation: z.string() }),
  z.strictObject({ id: z.string(), kind: z.literal('at-most'), field: z.string(), constant: z.number() }),
])

const authorisationClaims = z.strictObject({
  iss: memberId,
  id: z.string(),
  requester: memberId,
  evidenceType: z.string(),
  purpose: z.string(),
  fields: z.array(z.string()),
  predicates: z.array(predicate),
  mode: z.enum(['information', 'consent']),
  legalReference: z.string().min(1),
  habilitation: z.string().min(1),
  maximumAgeSeconds: seconds,
  retentionSeconds: seconds,
  predicatesPerDay: z.number().int().positive(),
  iat: seconds,
  nbf: seconds,
  exp: seconds,
})

export type FederationClaims = z.infer<typeof listClaims>
export type Member = FederationClaims['members'][number]
export type EvidenceType = FederationClaims['evidenceTypes'][number]
export type Purpose = FederationClaims['purposes'][number]
export type IdentityProvider = FederationClaims['identityProviders'][number]
export type Route = EvidenceType['routes'][number]
export type KeyUse = Member['keys'][number]['use']
export type Predicate = z.infer<typeof predicate>
export type AuthorisationClaims = z.infer<typeof authorisationClaims>
/** An exchange that its provider has signed for: requester × evidence type × purpose → fields, predicates, mode. */
export type Authorisation = Omit<AuthorisationClaims, 'iss' | 'iat'> & { readonly provider: MemberId }
export type Mode = Authorisation['mode']

const readerOf =
  <T>(schema: z.ZodType<T>) =>
  (payload: Readonly<Record<string, unknown>>): T | undefined => {
    const read = schema.safeParse(payload)
    return read.success ? read.data : undefined
  }

/** typ federation-list+jws; signed by the federation signer. */
export const federationListType: TokenType<FederationClaims> = {
  typ: 'federation-list+jws',
  maxBytes: 16 * 1024 * 1024,
  algorithms: ['EdDSA'],
  isSingleUse: false,
  expires: 'required',
  maxLifetimeSeconds: 24 * 3600,
  readClaims: readerOf(listClaims),
}

/** typ authorisation+jws; signed by the provider's key of use `authorisation`. */
export const authorisationType: TokenType<AuthorisationClaims> = {
  typ: 'authorisation+jws',
  maxBytes: 16 * 1024,
  algorithms: ['EdDSA'],
  isSingleUse: false,
  expires: 'required',
  readClaims: readerOf(authorisationClaims),
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
        const registered = registerPublicKey(key.jwk)
        this.#keys.set(`${m.id}\n${key.use}\n${key.service ?? ''}\n${registered.kid}`, registered)
        if (key.use === 'sign')
          this.#signers.set(`${m.id}\n${registered.kid}`, { key: registered, service: key.service ?? '' })
        if (key.use === 'seal') this.#sealKid.set(`${m.id}\n${key.service ?? ''}`, registered.kid)
      }
    }
    for (const provider of claims.identityProviders) {
      for (const jwk of provider.keys) {
        const registered = registerPublicKey(jwk)
        this.#providerKeys.set(`${provider.issuer}\n${registered.kid}`, registered)
      }
    }
  }

  /**
   * Verifies a list and each provider's signature in it. An authorisation that its provider did not sign is left out, and
   * named to `onUnsigned`. Errors: as checkToken; FEDERATION_LIST_INVALID when the serial goes back, or when two members
   * share an id or a bus key.
   */
  static verify(
    compact: string,
    options: {
      readonly signerKeyOf: KeyOf
      readonly nowSeconds: number
      /** The highest serial seen so far; 0 when none. */
      readonly serialAtLeast: number
      readonly onUnsigned?: (error: MeshError) => void
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
        options.onUnsigned?.(error)
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
    const { requester, evidenceType: type, purpose: purposeId } = rest
    if (!this.#members.has(requester) || !this.#types.has(type) || !this.#purposes.has(purposeId))
      throw new MeshError('FEDERATION_LIST_INVALID', { detail: `Authorisation ${rest.id} names something unknown.` })
    const key = authorisationKey(requester, provider, type, purposeId)
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
    return this.authorisationsInForce(nowSeconds).some(
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
