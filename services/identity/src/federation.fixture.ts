import { Federation } from '@unefois/proto/federation'
import {
  authorisationType,
  type FederationClaims,
  federationListType,
  type KeyUse,
  type Member,
} from '@unefois/proto/federation-list'
import type { MemberId } from '@unefois/proto/ids'
import {
  generateKeyPair,
  importPrivateKey,
  type PrivateKey,
  type PublicJwk,
  registerPublicKey,
} from '@unefois/proto/keys'
import { signToken } from '@unefois/proto/token'

/** A small federation with every role, signed as a real one is. */
export const startSeconds = 1_800_000_000
export const purpose = 'meal-rate'
/** Of which only somebody who has reached 18 may be the subject. */
export const adultsPurpose = 'student-pass'

const both = (text: string) => ({ fr: text, en: text })

class KeyRing {
  readonly #keys = new Map<string, { publicJwk: PublicJwk; privateKey: PrivateKey }>()

  of(owner: string, use: KeyUse | 'list' | 'id-token', service = '') {
    const kid = [owner, use, service].filter(Boolean).join('/')
    const known = this.#keys.get(kid)
    if (known) return known
    const { publicJwk, privateJwk } = generateKeyPair(use === 'seal' ? 'seal' : 'sign', kid)
    const pair = { publicJwk, privateKey: importPrivateKey(privateJwk) }
    this.#keys.set(kid, pair)
    return pair
  }
}

export const keys = new KeyRing()
const id = (name: string) => name as MemberId

export const members = {
  registry: id('registry'),
  portal: id('portal'),
  consentAuthority: id('consents'),
  requester: id('requester'),
  provider: id('provider'),
  stranger: id('stranger'),
  closed: id('closed'),
} as const

const memberOf = (name: MemberId, role: Member['roles'][number], approvedUntilSeconds: number): Member => {
  const opener = role === 'consent-authority' ? 'consent-authority' : 'documents'
  const key = (use: KeyUse, service?: string) => ({
    use,
    ...(service !== undefined && { service }),
    jwk: { ...keys.of(name, use, service).publicJwk },
  })
  return {
    id: name,
    name: both(name),
    roles: [role],
    busKey: `bus-${name}`,
    keys: [key('seal', opener), key('seal', 'consent'), key('token'), key('ticket'), key('authorisation')],
    returnUrls: [],
    hostingCountry: 'FR',
    approvedUntilSeconds,
    contact: both('contact'),
  }
}

const signAuthorisation = (
  requester: MemberId,
  provider: MemberId,
  changed: { readonly purpose?: string; readonly minimumAgeYears?: number } = {},
): string =>
  signToken(
    authorisationType,
    {
      iss: provider,
      id: `${requester}-${provider}-${changed.purpose ?? purpose}`,
      requester,
      evidenceType: 'income-band',
      purpose,
      fields: ['band'],
      predicates: [],
      mode: 'information',
      legalReference: 'article',
      habilitation: 'habilitation',
      maximumAgeSeconds: 86_400,
      retentionSeconds: 86_400,
      predicatesPerDay: 10,
      iat: startSeconds,
      nbf: startSeconds,
      exp: startSeconds + 3600 * 12,
      ...changed,
    },
    keys.of(provider, 'authorisation').privateKey,
  )

export const citizenIssuer = 'https://citizens.test'
export const agentIssuer = 'https://agents.test'

const identityProviders = (citizenKeys: readonly object[]): FederationClaims['identityProviders'] => [
  {
    issuer: citizenIssuer,
    keys: [{ ...keys.of(citizenIssuer, 'id-token').publicJwk }, ...citizenKeys.map((jwk) => ({ ...jwk }))],
    maximumAcr: 'eidas2',
    population: 'citizens',
    clients: {
      [members.requester]: 'requester-client',
      [members.portal]: 'portal-client',
      [members.consentAuthority]: 'consents-client',
    },
  },
  {
    issuer: agentIssuer,
    keys: [{ ...keys.of(agentIssuer, 'id-token').publicJwk }],
    maximumAcr: 'eidas3',
    population: 'agents',
    clients: { [members.requester]: 'requester-client' },
  },
]

/** The list, with these keys of the citizens' provider besides its usual one. */
export const federationFixture = (citizenKeys: readonly object[] = []): Federation => {
  const later = startSeconds + 365 * 86_400
  const claims: FederationClaims = {
    iss: 'signer',
    federation: 'fixture',
    serial: 1,
    iat: startSeconds,
    exp: startSeconds + 86_400,
    members: [
      memberOf(members.registry, 'identity-authority', later),
      memberOf(members.portal, 'portal', later),
      memberOf(members.consentAuthority, 'consent-authority', later),
      memberOf(members.requester, 'agency', later),
      memberOf(members.provider, 'agency', later),
      memberOf(members.stranger, 'agency', later),
      memberOf(members.closed, 'agency', startSeconds),
    ],
    evidenceTypes: [
      {
        id: 'income-band',
        contract: 'own',
        title: both('Income band'),
        schemaSha256: 'x',
        providers: [members.provider],
        fieldTitles: {},
        predicateTitles: {},
        routes: [{ kind: 'counter', text: both('counter') }],
      },
    ],
    purposes: [purpose, adultsPurpose].map((id) => ({
      id,
      title: both(id),
      use: 'manage',
      textVersion: '1',
      text: both('text'),
    })),
    identityProviders: identityProviders(citizenKeys),
    authorisations: [
      signAuthorisation(members.requester, members.provider),
      signAuthorisation(members.requester, members.provider, { purpose: adultsPurpose, minimumAgeYears: 18 }),
    ],
  }
  const signer = keys.of('signer', 'list')
  return Federation.verify(signToken(federationListType, claims, signer.privateKey), {
    signerKeyOf: () => registerPublicKey(signer.publicJwk),
    nowSeconds: startSeconds,
    serialAtLeast: 0,
    onLeftOut: (error) => {
      throw error
    },
  })
}
