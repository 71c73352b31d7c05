import { Federation } from '@unefois/proto/federation'
import { type AuthorisationClaims, authorisationType, federationListType } from '@unefois/proto/federation-list'
import { generateKeyPair, importPrivateKey, registerPublicKey } from '@unefois/proto/keys'
import { signToken } from '@unefois/proto/token'
import { startMs } from './agency.fixture.js'

const startSeconds = Math.floor(startMs / 1000)
const later = startSeconds + 3600
const words = (text: string) => ({ fr: text, en: text })
const keys = new Map(['fund', 'town'].map((id) => [id, generateKeyPair('sign', `${id}-authorisation`)]))
const signerKey = generateKeyPair('sign', 'signer')

const member = (id: string) => {
  const key = keys.get(id)
  return {
    id,
    name: words(id),
    roles: ['agency'],
    busKey: `A${id.toUpperCase()}`,
    keys: key ? [{ use: 'authorisation', jwk: key.publicJwk }] : [],
    returnUrls: [],
    hostingCountry: 'FR',
    approvedUntilSeconds: later,
    contact: words('Guichet'),
  }
}

type Authorised = Pick<AuthorisationClaims, 'evidenceType' | 'purpose' | 'fields' | 'predicates' | 'mode'>

const authorisation = (provider: string, authorised: Authorised): string => {
  const key = keys.get(provider)
  if (!key) throw new Error(`${provider} signs nothing`)
  const claims: AuthorisationClaims = {
    iss: provider as never,
    id: `${provider}-hall-${authorised.purpose}-${authorised.evidenceType}`,
    requester: 'hall' as never,
    ...authorised,
    legalReference: 'article 1',
    habilitation: 'h1',
    maximumAgeSeconds: 3600,
    retentionSeconds: 3600,
    predicatesPerDay: 3,
    iat: startSeconds,
    nbf: startSeconds - 60,
    exp: later,
  }
  return signToken(authorisationType, claims, importPrivateKey(key.privateJwk))
}

const purpose = (id: string) => ({ id, title: words(id), use: 'attribute' as const, textVersion: '1', text: words(id) })
const evidenceType = (id: string, fields: readonly string[], predicates: readonly string[] = []) => ({
  id,
  contract: 'own',
  title: words(id),
  schemaSha256: 'x',
  providers: ['fund', 'town'],
  fieldTitles: Object.fromEntries(fields.map((field) => [field, words(field)])),
  predicateTitles: Object.fromEntries(predicates.map((each) => [each, words(each)])),
  routes: [{ kind: 'counter', text: words(`Guichet ${id}`) }],
})

/**
 * A federation in which a fund may tell a hall the income of somebody for a rate, and a town where somebody lives, for papers. What
 * is collected proactively is nothing for a meeting.
 */
export const hallFederation = (): Federation => {
  const authorisations = [
    authorisation('fund', {
      evidenceType: 'income',
      purpose: 'rate',
      fields: ['amount', 'year'],
      predicates: [{ id: 'is-parent', kind: 'related-subject', relation: 'child' }],
      mode: 'explicit-request',
    }),
    authorisation('fund', {
      evidenceType: 'income',
      purpose: 'search',
      fields: ['amount'],
      predicates: [],
      mode: 'proactive',
    }),
    authorisation('town', {
      evidenceType: 'address',
      purpose: 'papers',
      fields: ['street', 'since'],
      predicates: [],
      mode: 'explicit-request',
    }),
  ]
  const claims = {
    iss: 'signer',
    federation: 'test',
    serial: 1,
    iat: startSeconds,
    exp: later,
    members: ['hall', 'fund', 'town'].map(member),
    evidenceTypes: [
      evidenceType('income', ['amount', 'year'], ['is-parent']),
      evidenceType('address', ['street', 'since']),
    ],
    purposes: ['rate', 'search', 'papers'].map(purpose),
    declarations: [],
    identityProviders: [],
    authorisations,
  }
  const compact = signToken(federationListType, claims as never, importPrivateKey(signerKey.privateJwk))
  const publicKey = registerPublicKey(signerKey.publicJwk)
  return Federation.verify(compact, { signerKeyOf: () => publicKey, nowSeconds: startSeconds, serialAtLeast: 0 })
}
