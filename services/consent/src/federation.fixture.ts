import { createHash } from 'node:crypto'
import { Federation } from '@unefois/proto/federation'
import { authorisationType, federationListType, type Mode } from '@unefois/proto/federation-list'
import { isMemberId, type MemberId, type SubjectId } from '@unefois/proto/ids'
import { generateKeyPair, importPrivateKey, type PrivateKey, registerPublicKey } from '@unefois/proto/keys'
import { signToken } from '@unefois/proto/token'

/** 2026-09-01T08:00:00Z. */
export const startSeconds = 1_788_249_600

const memberId = (id: string): MemberId => {
  if (!isMemberId(id)) throw new TypeError(`${id} is not a member id`)
  return id
}

export const asker = memberId('asker')
export const sourceOne = memberId('source-one')
export const sourceTwo = memberId('source-two')
export const stranger = memberId('stranger')
export const register = memberId('register')
export const assent = memberId('assent')
export const window = memberId('window')

export const returnUrl = 'https://asker.example/back'

type Keys = Readonly<Record<'statement' | 'authorisation' | 'ticket' | 'sign' | 'seal', PrivateKey>>
type PublicKeys = Readonly<Record<keyof Keys, object>>

const draw = (id: string): { own: Keys; published: PublicKeys } => {
  const pairs = {
    statement: generateKeyPair('sign', `${id}-statement`),
    authorisation: generateKeyPair('sign', `${id}-authorisation`),
    ticket: generateKeyPair('sign', `${id}-ticket`),
    sign: generateKeyPair('sign', `${id}-sign`),
    seal: generateKeyPair('seal', `${id}-seal`),
  }
  const each = <T>(take: (pair: (typeof pairs)['seal']) => T) => ({
    statement: take(pairs.statement),
    authorisation: take(pairs.authorisation),
    ticket: take(pairs.ticket),
    sign: take(pairs.sign),
    seal: take(pairs.seal),
  })
  return { own: each(({ privateJwk }) => importPrivateKey(privateJwk)), published: each(({ publicJwk }) => publicJwk) }
}

const ids = [asker, sourceOne, sourceTwo, stranger, register, assent, window]
const drawn = new Map(ids.map((id) => [id, draw(id)]))

/** The private keys of a member. */
export const keysOf = (id: MemberId): Keys => {
  const keys = drawn.get(id)
  if (!keys) throw new TypeError(`${id} has no keys`)
  return keys.own
}

const roles = new Map<string, 'identity-authority' | 'consent-authority' | 'portal'>([
  [register, 'identity-authority'],
  [assent, 'consent-authority'],
  [window, 'portal'],
])

const words = (text: string) => ({ fr: `${text} (fr)`, en: `${text} (en)` })

const entryOf = (id: MemberId) => {
  const published = drawn.get(id)?.published as PublicKeys
  const service = id === assent ? 'consent-authority' : 'consent'
  return {
    id,
    name: words(id),
    roles: [roles.get(id) ?? ('agency' as const)],
    busKey: `bus-${id}`,
    keys: [
      { use: 'statement' as const, jwk: { ...published.statement } },
      { use: 'authorisation' as const, jwk: { ...published.authorisation } },
      ...(id === register ? [{ use: 'ticket' as const, jwk: { ...published.ticket } }] : []),
      { use: 'sign' as const, service, jwk: { ...published.sign } },
      { use: 'seal' as const, service, jwk: { ...published.seal } },
    ],
    ...(id === window && { origin: 'https://window.example' }),
    returnUrls: id === asker ? [returnUrl] : [],
    hostingCountry: 'FR',
    approvedUntilSeconds: startSeconds + 10 * 365 * 86_400,
    contact: words(`contact of ${id}`),
  }
}

const evidenceType = (id: string, providers: MemberId[]) => ({
  id,
  contract: 'own' as const,
  title: words(id),
  schemaSha256: 'none',
  providers,
  fieldTitles: {},
  predicateTitles: {},
  routes: [{ kind: 'counter' as const, text: words('counter') }],
})

export interface AuthorisationFixture {
  readonly provider: MemberId
  readonly evidenceType: string
  readonly purpose: string
  readonly mode: Mode
  readonly fields?: string[]
  /** Who signs; by default the provider. */
  readonly signer?: MemberId
  readonly nbf?: number
}

/** `told` is in information mode, `agreed` in consent mode, `wanted` in explicit-request mode, `found` in proactive mode. */
export const usualAuthorisations: readonly AuthorisationFixture[] = [
  { provider: sourceOne, evidenceType: 'income', purpose: 'told', mode: 'information' },
  { provider: sourceOne, evidenceType: 'income', purpose: 'agreed', mode: 'consent', fields: ['amount.value'] },
  { provider: sourceTwo, evidenceType: 'housing', purpose: 'agreed', mode: 'consent', fields: ['rooms'] },
  { provider: sourceOne, evidenceType: 'family', purpose: 'agreed', mode: 'consent', signer: stranger },
  { provider: sourceTwo, evidenceType: 'housing', purpose: 'told', mode: 'information', nbf: startSeconds + 86_400 },
  { provider: sourceOne, evidenceType: 'income', purpose: 'wanted', mode: 'explicit-request' },
  { provider: sourceOne, evidenceType: 'income', purpose: 'found', mode: 'proactive' },
]

const authorisation = (each: AuthorisationFixture, index: number): string =>
  signToken(
    authorisationType,
    {
      iss: each.provider,
      id: `authorisation-${index}`,
      requester: asker,
      evidenceType: each.evidenceType,
      purpose: each.purpose,
      fields: each.fields ?? ['value'],
      predicates: [{ id: 'is-dependant', kind: 'related-subject', relation: 'dependant' }],
      mode: each.mode,
      legalReference: 'Article 1',
      habilitation: 'habilitation-1',
      maximumAgeSeconds: 86_400,
      retentionSeconds: 3600,
      predicatesPerDay: 10,
      iat: startSeconds,
      nbf: each.nbf ?? startSeconds,
      exp: startSeconds + 2 * 365 * 86_400,
    },
    // A forged one names the provider and carries another member's signature.
    each.signer
      ? { ...keysOf(each.signer).authorisation, kid: `${each.provider}-authorisation` }
      : keysOf(each.provider).authorisation,
  )

const signer = generateKeyPair('sign', 'signer-1')

/** A verified list. `until` names when it expires, because tests let time pass. */
export const federationOf = (
  options: { readonly authorisations?: readonly AuthorisationFixture[]; readonly textVersion?: string } = {},
): Federation => {
  const purpose = (id: string) => ({
    id,
    title: words(`title of ${id}`),
    use: id === 'found' ? ('attribute' as const) : ('manage' as const),
    textVersion: options.textVersion ?? 'v1',
    text: words(`text of ${id}`),
  })
  const list = signToken(
    federationListType,
    {
      iss: 'signer',
      federation: 'fixture',
      serial: 1,
      iat: startSeconds,
      exp: startSeconds + 86_400,
      members: ids.map(entryOf),
      evidenceTypes: [
        evidenceType('income', [sourceOne]),
        evidenceType('housing', [sourceTwo]),
        evidenceType('family', [sourceOne]),
      ],
      purposes: [purpose('told'), purpose('agreed'), purpose('wanted'), purpose('found')],
      identityProviders: [],
      authorisations: (options.authorisations ?? usualAuthorisations).map(authorisation),
    },
    importPrivateKey(signer.privateJwk),
  )
  const key = registerPublicKey(signer.publicJwk)
  return Federation.verify(list, { signerKeyOf: () => key, nowSeconds: startSeconds, serialAtLeast: 0 })
}

/** How one member knows a person. */
export const pseudonym = (person: string, member: MemberId): SubjectId =>
  `p1.1.${createHash('sha256').update(`${person} at ${member}`).digest('base64url').slice(0, 22)}` as SubjectId
