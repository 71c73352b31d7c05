import { Federation } from '@unefois/proto/federation'
import { type AuthorisationClaims, authorisationType, federationListType } from '@unefois/proto/federation-list'
import { generateKeyPair, importPrivateKey, registerPublicKey } from '@unefois/proto/keys'
import { signToken } from '@unefois/proto/token'

const nowSeconds = Math.floor(Date.now() / 1000)
const later = nowSeconds + 3600
const words = (fr: string, en: string) => ({ fr, en })

export const authorityOrigin = 'http://127.0.0.1:4003'
export const agencyOrigin = 'http://127.0.0.1:4001'

const providerKey = generateKeyPair('sign', 'fund-authorisation')
const signerKey = generateKeyPair('sign', 'signer')

const member = (id: string, roles: string[], origin: string | undefined, keys: unknown[] = []) => ({
  id,
  name: words(`Organisme ${id}`, `Body ${id}`),
  roles,
  busKey: `A${id.toUpperCase()}`,
  keys,
  ...(origin !== undefined && { origin }),
  returnUrls: id === 'hall' ? ['leisure-card', 'grant'].map((each) => `${agencyOrigin}/procedures/${each}`) : [],
  hostingCountry: 'FR',
  approvedUntilSeconds: later,
  contact: words('Guichet ou 01 00 00 00 00', 'Counter or 01 00 00 00 00'),
})

const authorisation = (purpose: string, mode: AuthorisationClaims['mode']): string =>
  signToken(
    authorisationType,
    {
      iss: 'fund' as never,
      id: `a-${purpose}`,
      requester: 'hall' as never,
      evidenceType: 'resources',
      purpose,
      fields: ['resources.value', 'resources.month'],
      predicates: [{ id: 'dependent-child', kind: 'related-subject', relation: 'child' }],
      mode,
      legalReference: 'article 1',
      habilitation: 'h1',
      maximumAgeSeconds: 3600,
      retentionSeconds: 3600,
      predicatesPerDay: 3,
      iat: nowSeconds,
      nbf: nowSeconds - 60,
      exp: later,
    },
    importPrivateKey(providerKey.privateJwk),
  )

const purpose = (id: string, fr: string, en: string) => ({
  id,
  title: words(fr, en),
  use: 'manage' as const,
  textVersion: '1',
  text: words(`Texte de ${fr}`, `Text of ${en}`),
})

/** Moving house, told to the hall and to the fund. */
const move = {
  id: 'move',
  title: words('Déménagement', 'Move'),
  textVersion: '1',
  text: words('Vous déménagez.', 'You move.'),
  minimumAcr: 'eidas1',
  groups: [
    {
      id: 'home',
      title: words('Domicile', 'Home'),
      fields: [
        {
          id: 'street',
          title: words('Rue', 'Street'),
          kind: 'text',
          mostCharacters: 40,
          autocomplete: 'street-address',
        },
        {
          id: 'code',
          title: words('Code', 'Code'),
          kind: 'text',
          mostCharacters: 5,
          pattern: '[0-9]{5}',
          isOptional: true,
        },
        { id: 'since', title: words('Depuis', 'Since'), hint: words('Le jour', 'The day'), kind: 'date' },
        {
          id: 'secret',
          title: words('Secret', 'Secret'),
          kind: 'choice',
          choices: [
            { id: 'yes', title: words('Oui', 'Yes') },
            { id: 'no', title: words('Non', 'No') },
          ],
        },
      ],
    },
  ],
  receivers: ['hall', 'fund'].map((id) => ({
    member: id,
    use: words(`Usage de ${id}`, `Use of ${id}`),
    legalReference: 'article 1',
    service: words(`Service de ${id}`, `Service of ${id}`),
    address: `1 rue de ${id}`,
    telephone: '01 00 00 00 01',
  })),
}

/** A federation of a town hall that asks, a fund that holds, a portal and the authorities. */
export const smallFederation = (): Federation => {
  const claims = {
    iss: 'signer',
    federation: 'test',
    serial: 1,
    iat: nowSeconds,
    exp: later,
    members: [
      member('hall', ['agency'], agencyOrigin),
      member('fund', ['agency'], undefined, [{ use: 'authorisation', jwk: providerKey.publicJwk }]),
      member('portal', ['portal'], 'http://127.0.0.1:4002'),
      member('authorities', ['identity-authority', 'consent-authority'], authorityOrigin),
    ],
    evidenceTypes: [
      {
        id: 'resources',
        contract: 'own',
        title: words('Ressources', 'Resources'),
        schemaSha256: 'x',
        providers: ['fund'],
        fieldTitles: { 'resources.value': words('Valeur', 'Value'), 'resources.month': words('Mois', 'Month') },
        predicateTitles: { 'dependent-child': words('Enfant à charge', 'Dependent child') },
        routes: [
          { kind: 'counter', text: words('Venez au guichet', 'Come to the counter') },
          { kind: 'statement-on-honour', text: words('Déclarez-le', 'State it') },
        ],
      },
    ],
    purposes: [
      purpose('school-meals', 'Cantine', 'School meals'),
      purpose('leisure-card', 'Carte loisirs', 'Leisure card'),
      purpose('grant', 'Bourse', 'Grant'),
    ],
    declarations: [move, { ...move, id: 'new-name', minimumAcr: 'eidas2' }],
    identityProviders: [],
    authorisations: [
      authorisation('school-meals', 'information'),
      authorisation('leisure-card', 'consent'),
      authorisation('grant', 'explicit-request'),
    ],
  }
  const compact = signToken(federationListType, claims as never, importPrivateKey(signerKey.privateJwk))
  const publicKey = registerPublicKey(signerKey.publicJwk)
  return Federation.verify(compact, { signerKeyOf: () => publicKey, nowSeconds, serialAtLeast: 0 })
}
