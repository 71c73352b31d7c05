import { createHash } from 'node:crypto'
import { canonicalJson } from '@unefois/proto/canonical-json'
import { EphemeralKeys } from '@unefois/proto/ephemeral-keys'
import {
  type AuthorisationClaims,
  authorisationType,
  type FederationClaims,
  federationListType,
  type KeyUse,
  type Member,
  type Purpose,
  personalAccessPurpose,
} from '@unefois/proto/federation-list'
import type { BasisId, MemberId, SubjectId } from '@unefois/proto/ids'
import { generateKeyPair, importPrivateKey, type PrivateJwk, registerPublicKey } from '@unefois/proto/keys'
import {
  type ConsentArtefactClaims,
  consentArtefactType,
  type ExplicitRequestClaims,
  explicitRequestType,
  type NoticeClaims,
  noticeType,
  type ProactiveUseClaims,
  proactiveUseType,
} from '@unefois/proto/statements'
import { issueSubjectTicket, type SubjectTicket } from '@unefois/proto/subject-ticket'
import { signToken } from '@unefois/proto/token'

/** A small federation, signed as a real one is, with what its members sign for each other. */
export const startSeconds = 1_800_000_000
export const startMs = startSeconds * 1000

const ring = new Map<string, PrivateJwk>()

/** The private key of one owner and use; always the same within one run. */
export const keyOf = (owner: string, use: KeyUse | 'list', service = ''): PrivateJwk => {
  const kid = [owner, use, service].filter(Boolean).join('/')
  const jwk = ring.get(kid) ?? generateKeyPair(use === 'seal' ? 'seal' : 'sign', kid).privateJwk
  ring.set(kid, jwk)
  return jwk
}
const signing = (owner: string, use: KeyUse | 'list') => importPrivateKey(keyOf(owner, use))
export const publicOf = ({ d: _, ...jwk }: PrivateJwk) => jwk

const member = (id: string): MemberId => id as MemberId
export const members = {
  registry: member('registry'),
  consents: member('consents'),
  desk: member('desk'),
  requester: member('requester'),
  provider: member('provider'),
  stranger: member('stranger'),
  closed: member('closed'),
} as const

/** Pseudonyms of people, and basis ids, as they look on the wire. */
export const person = (name: string): SubjectId => `p1.1.${name.padEnd(22, '_')}` as SubjectId
export const basis = (name: string): BasisId => `b1.${name.padEnd(22, '_')}` as BasisId
export const purposes = { rate: 'meal-rate', card: 'leisure-card', grant: 'grant', found: 'benefit-found' } as const
/** `income` is declared into documents, `household` stays in the provider's register. */
export const types = { income: 'income', household: 'household' } as const

export const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  properties: {
    amount: { type: 'number' },
    year: { type: 'integer' },
    address: { type: 'object', properties: { street: { type: 'string' } }, additionalProperties: false },
    children: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, born: { type: 'string' } },
        additionalProperties: false,
      },
    },
  },
}

const both = (text: string) => ({ fr: `${text} (fr)`, en: `${text} (en)` })

const memberOf = (id: MemberId, role: Member['roles'][number]): Member => {
  const key = (use: KeyUse, service?: string) => ({
    use,
    ...(service !== undefined && { service }),
    jwk: publicOf(keyOf(id, use, service)),
  })
  return {
    id,
    name: both(id),
    roles: [role],
    busKey: `bus-${id}`,
    keys: [key('seal', 'documents'), key('ticket'), key('authorisation'), key('statement'), key('log')],
    returnUrls: [],
    hostingCountry: 'FR',
    approvedUntilSeconds: id === members.closed ? startSeconds : startSeconds + 365 * 86_400,
    contact: both('contact'),
  }
}

/** Authorisation from the usual requester to the usual provider, unless said otherwise. */
export const authorisation = (given: Partial<AuthorisationClaims> = {}): AuthorisationClaims => ({
  iss: members.provider,
  id: 'an-authorisation',
  requester: members.requester,
  evidenceType: types.income,
  purpose: purposes.rate,
  fields: ['amount', 'year', 'children[].name'],
  predicates: [
    { id: 'child-of', kind: 'related-subject', relation: 'children' },
    { id: 'low-income', kind: 'at-most', field: 'amount', constant: 1000 },
  ],
  mode: 'information',
  legalReference: 'an article',
  habilitation: 'a habilitation',
  maximumAgeSeconds: 30 * 86_400,
  retentionSeconds: 3600,
  predicatesPerDay: 3,
  iat: startSeconds,
  nbf: startSeconds,
  exp: startSeconds + 300 * 86_400,
  ...given,
})

const inForce: readonly AuthorisationClaims[] = [
  authorisation(),
  authorisation({ purpose: purposes.card, mode: 'consent', fields: ['amount'] }),
  authorisation({ evidenceType: types.household }),
  authorisation({ evidenceType: types.household, purpose: purposes.card, mode: 'consent' }),
  authorisation({ purpose: purposes.grant, mode: 'explicit-request', fields: ['amount', 'year'] }),
  authorisation({ evidenceType: types.household, purpose: purposes.grant, mode: 'explicit-request' }),
  authorisation({ purpose: purposes.found, mode: 'proactive', fields: ['amount'] }),
]

const typeOf = (id: string): FederationClaims['evidenceTypes'][number] => ({
  id,
  contract: 'own',
  ...(id === types.income && { relay: 'hub' }),
  title: both(id),
  schemaSha256: createHash('sha256').update(canonicalJson(schema)).digest('base64url'),
  providers: [members.provider],
  fieldTitles: {},
  predicateTitles: {},
  places: ['address', 'children[].born'],
  routes: [{ kind: 'counter', text: both('Come to the counter') }],
})

export interface ListOptions {
  readonly serial?: number
  readonly issuedAtSeconds?: number
  readonly authorisations?: readonly AuthorisationClaims[]
  /** Evidence types that people may state on their honour. */
  readonly statable?: readonly string[]
  /** What purposes are used for, where it is not as usual. */
  readonly uses?: Readonly<Record<string, Purpose['use']>>
  /** What people may declare. */
  readonly declarations?: FederationClaims['declarations']
  /** Who signs an authorisation; its provider unless said otherwise. */
  readonly signer?: string
}

/** A federation list as its signer publishes it. */
export const signedList = (options: ListOptions = {}): string => {
  const { serial = 1, issuedAtSeconds = startSeconds, authorisations = inForce } = options
  const claims: FederationClaims = {
    iss: 'signer',
    federation: 'fixture',
    serial,
    iat: issuedAtSeconds,
    exp: issuedAtSeconds + 86_400,
    members: [
      memberOf(members.registry, 'identity-authority'),
      memberOf(members.consents, 'consent-authority'),
      memberOf(members.desk, 'portal'),
      ...[members.requester, members.provider, members.stranger, members.closed].map((id) => memberOf(id, 'agency')),
    ],
    evidenceTypes: Object.values(types).map((id) => {
      const { routes, ...type } = typeOf(id)
      const stated = { kind: 'statement-on-honour' as const, text: both('State it') }
      return { ...type, routes: options.statable?.includes(id) ? [...routes, stated] : routes }
    }),
    purposes: Object.values(purposes).map((id) => ({
      id,
      title: both(id),
      use: options.uses?.[id] ?? (id === purposes.found ? 'attribute' : 'manage'),
      textVersion: '1',
      text: both(id),
    })),
    ...(options.declarations && { declarations: options.declarations }),
    identityProviders: [],
    authorisations: authorisations.map((claims) =>
      signToken(authorisationType, claims, {
        ...signing(options.signer ?? claims.iss, 'authorisation'),
        kid: `${claims.iss}/authorisation`,
      }),
    ),
  }
  return signToken(federationListType, claims, signing('signer', 'list'))
}

/** What every ticket of these tests says unless said otherwise: the requester asks the provider about Ada, for the rate. */
export const ticketClaims = (given: Partial<SubjectTicket> = {}): SubjectTicket => ({
  jti: 'a-ticket',
  iss: members.registry,
  aud: members.provider,
  requester: members.requester,
  purpose: purposes.rate,
  sub: person('ada'),
  basis: basis('told'),
  iat: startSeconds,
  exp: startSeconds + 3600,
  ...given,
})

const ephemerals = new EphemeralKeys()

/** A subject ticket, signed by the identity authority (or by `signer`) and sealed to the provider named in it. */
export const ticket = (given: Partial<SubjectTicket> = {}, signer: string = members.registry): string => {
  const claims = ticketClaims(given)
  return issueSubjectTicket(claims, {
    signKey: signing(signer, 'ticket'),
    to: registerPublicKey(publicOf(keyOf(claims.aud, 'seal', 'documents'))),
    ephemerals,
  })
}

/** The portal's ticket for a logged-in person. */
export const portalTicket = (given: Partial<SubjectTicket> = {}): string =>
  ticket({
    requester: members.desk,
    purpose: personalAccessPurpose,
    basis: basis('own-access'),
    acr: 'eidas1',
    auth_time: startSeconds,
    ...given,
  })

/** A notice to Ada, signed by the requester. */
export const notice = (given: Partial<NoticeClaims> = {}, signer: string = members.requester): string =>
  signToken(
    noticeType,
    {
      iss: members.requester,
      aud: members.provider,
      basis: basis('told'),
      purpose: purposes.rate,
      evidence_types: [types.income, types.household],
      text_version: '1',
      language: 'fr',
      channel: 'online',
      iat: startSeconds,
      ...given,
    },
    signing(signer, 'statement'),
  )

/** Ada's own request, signed by the requester. */
export const explicitRequest = (
  given: Partial<ExplicitRequestClaims> = {},
  signer: string = members.requester,
): string =>
  signToken(
    explicitRequestType,
    {
      iss: members.requester,
      aud: members.provider,
      basis: basis('wanted'),
      mode: 'explicit-request',
      purpose: purposes.grant,
      evidence_types: [types.income, types.household],
      text_version: '1',
      language: 'fr',
      iat: startSeconds,
      ...given,
    },
    signing(signer, 'statement'),
  )

/** A search for a right of Ada's, signed by the requester. */
export const proactiveUse = (given: Partial<ProactiveUseClaims> = {}, signer: string = members.requester): string =>
  signToken(
    proactiveUseType,
    {
      iss: members.requester,
      aud: members.provider,
      basis: basis('found'),
      mode: 'proactive',
      purpose: purposes.found,
      evidence_types: [types.income],
      campaign: 'autumn',
      iat: startSeconds,
      ...given,
    },
    signing(signer, 'statement'),
  )

/** The provider's copy of a consent of Ada's, signed by the consent authority. */
export const artefact = (given: Partial<ConsentArtefactClaims> = {}, signer: string = members.consents): string =>
  signToken(
    consentArtefactType,
    {
      iss: members.consents,
      aud: members.provider,
      basis: basis('agreed'),
      requester: members.requester,
      provider: members.provider,
      purpose: purposes.card,
      evidence_types: [types.income, types.household],
      state: 'given',
      acr: 'eidas1',
      auth_time: startSeconds,
      iat: startSeconds,
      valid_from: startSeconds,
      valid_until: startSeconds + 30 * 86_400,
      position: 1,
      sealed_subject: 'opened-by-consent',
      ...given,
    },
    signing(signer, 'statement'),
  )
