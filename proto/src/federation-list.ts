/**
 * The format of the federation list: who is a member, with which keys, and which exchanges are authorised. A JWS of the
 * federation signer; each authorisation inside is a JWS of its provider, so the signer alone can enrol nobody into anybody's
 * data. What a verified list answers is in `federation.ts`.
 */
import { z } from 'zod'
import { declarationKindFormat } from './declaration-kind.js'
import { isMemberId, type MemberId } from './ids.js'
import type { TokenType } from './token.js'

/** The purpose of the portal's own tickets: a person looking at what is held and recorded about them (GDPR article 15). */
export const personalAccessPurpose = 'personal-access'

/** The purpose of the portal's tickets for what a person declares of their own accord. */
export const ownDeclarationPurpose = 'own-declaration'

const memberId = z.string().refine(isMemberId, 'not a member id') as unknown as z.ZodType<MemberId>
const bilingual = z.strictObject({ fr: z.string().min(1), en: z.string().min(1) })
const seconds = z.number().int().nonnegative()

/** What a member's key may be used for. `sign` and `seal` keys belong to one service; the others to the member. */
const memberKey = z.strictObject({
  use: z.enum(['sign', 'seal', 'token', 'authorisation', 'statement', 'log', 'ticket', 'decision']),
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

/** A way on for a person when there is no evidence. */
export const routeFormat = z.strictObject({
  kind: z.enum(['own-document', 'statement-on-honour', 'counter', 'telephone', 'paper']),
  text: bilingual,
})

/** An evidence type as the list has it. */
export const evidenceTypeFormat = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{1,63}$/),
  /** `national`: field names of a national contract; `own`: ours. */
  contract: z.enum(['national', 'own']),
  title: bilingual,
  /**
   * A secret that a statute lays on this kind of evidence (`tax`: LPF L103): each authorisation must name the text that lifts
   * it. Medical and defence secrets are never exchanged (CRPA L114-9), so there is no word for them.
   */
  secrecy: z.enum(['tax', 'social', 'professional']).optional(),
  /** The hub that carries answers from the body that made the value, where that is not the provider itself. */
  relay: z.string().min(1).optional(),
  /** SHA-256 of the schema's RFC 8785 bytes, base64url. */
  schemaSha256: z.string(),
  providers: z.array(memberId),
  fieldTitles: z.record(z.string(), bilingual),
  predicateTitles: z.record(z.string(), bilingual),
  /** It reveals something of GDPR article 9 (health, a disability, a union): no procedure decides by itself on it. */
  specialCategory: z.literal(true).optional(),
  /**
   * Fields that tell where somebody lives, goes to school, works or is cared for, or through whom: withheld where somebody in
   * the evidence is protected. Absent, nobody has said, and then every field is withheld.
   */
  places: z.array(z.string()).optional(),
  /** Ways on for a person when there is no evidence. */
  routes: z.array(routeFormat).min(1),
})

/** A purpose as the list has it. */
export const purposeFormat = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{1,63}$/),
  title: bilingual,
  /**
   * What the requester does with the data: tell the person of a right, give them one, run what they already have, or check
   * on them. What was collected to inform or attribute proactively is never read for another use (CRPA L114-8 II).
   */
  use: z.enum(['inform', 'attribute', 'manage', 'control']),
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
  evidenceTypes: z.array(evidenceTypeFormat),
  purposes: z.array(purposeFormat),
  /** What people may tell several members at once; absent where the federation has none. */
  declarations: z.array(declarationKindFormat).optional(),
  identityProviders: z.array(identityProvider),
  authorisations: z.array(z.string()),
})

/** A predicate whose constant is fixed by the provider; its only run-time argument is a second person. */
const predicate = z.discriminatedUnion('kind', [
  z.strictObject({ id: z.string(), kind: z.literal('related-subject'), relation: z.string() }),
  z.strictObject({ id: z.string(), kind: z.literal('at-most'), field: z.string(), constant: z.number() }),
])

/** An authorisation as its provider signs it. */
export const authorisationFormat = z.strictObject({
  iss: memberId,
  id: z.string(),
  requester: memberId,
  evidenceType: z.string(),
  purpose: z.string(),
  fields: z.array(z.string()),
  predicates: z.array(predicate),
  mode: z.enum(['information', 'consent', 'explicit-request', 'proactive']),
  legalReference: z.string().min(1),
  /** The text that lifts the secrecy of the evidence type; required when the type has one. */
  secrecyLiftedBy: z.string().min(1).optional(),
  /** The person must have reached this age; only the identity authority, which has the register, can tell. */
  minimumAgeYears: z.number().int().positive().optional(),
  /** The text that lets this requester know the places of protected people too; without one it is told none. */
  protectedPlacesBy: z.string().min(1).optional(),
  /** The requester may subscribe to be told that this evidence changed; absent, it asks when it needs it. */
  changesTold: z.literal(true).optional(),
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
export type AuthorisationClaims = z.infer<typeof authorisationFormat>
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
  readClaims: readerOf(authorisationFormat),
}
