import { sign as cryptoSign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Federation } from './federation.js'
import {
  type AuthorisationClaims,
  authorisationType,
  type FederationClaims,
  federationListType,
  type KeyUse,
  type Member,
} from './federation-list.js'
import type { MemberId } from './ids.js'
import { generateKeyPair, importPrivateKey, type PrivateKey, type PublicJwk, registerPublicKey } from './keys.js'
import { MeshError } from './reasons.js'
import { signToken } from './token.js'

const now = 1_800_000_000
const day = 86_400
const [north, south, east] = ['north', 'south', 'east'] as [MemberId, MemberId, MemberId]
const both = (text: string) => ({ fr: text, en: text })

const drawn = new Map<string, { publicJwk: PublicJwk; privateKey: PrivateKey }>()
const keys = (owner: string, use: string, service = '') => {
  const kid = [owner, service, use].filter(Boolean).join('.')
  const known = drawn.get(kid)
  if (known) return known
  const { publicJwk, privateJwk } = generateKeyPair(use === 'seal' ? 'seal' : 'sign', kid)
  const pair = { publicJwk, privateKey: importPrivateKey(privateJwk) }
  drawn.set(kid, pair)
  return pair
}
const memberOf = (id: MemberId, change: Partial<Member> = {}): Member => ({
  id,
  name: both(id),
  roles: ['agency'],
  busKey: `bus-${id}`,
  keys: [
    ...(['token', 'authorisation', 'statement', 'log', 'ticket', 'decision'] as const).map((use) => ({
      use,
      jwk: { ...keys(id, use).publicJwk },
    })),
    ...['desk', 'counter'].flatMap((service) =>
      (['sign', 'seal'] as const).map((use) => ({ use, service, jwk: { ...keys(id, use, service).publicJwk } })),
    ),
  ],
  returnUrls: [],
  hostingCountry: 'FR',
  approvedUntilSeconds: now + day,
  contact: both('contact'),
  ...change,
})
const claimsOf = (change: Partial<FederationClaims> = {}): FederationClaims => ({
  iss: 'signer',
  federation: 'test',
  serial: 7,
  iat: now,
  exp: now + day,
  members: [memberOf(north), memberOf(south), memberOf(east, { roles: ['portal'] })],
  evidenceTypes: [
    {
      id: 'thing',
      contract: 'own',
      title: both('thing'),
      schemaSha256: 'x',
      providers: [north],
      fieldTitles: {},
      predicateTitles: {},
      routes: [{ kind: 'counter', text: both('counter') }],
    },
    {
      id: 'secret',
      contract: 'own',
      title: both('secret'),
      secrecy: 'tax',
      schemaSha256: 'x',
      providers: [north],
      fieldTitles: {},
      predicateTitles: {},
      routes: [{ kind: 'counter', text: both('counter') }],
    },
  ],
  purposes: (['inform', 'attribute', 'manage', 'control'] as const).map((use) => ({
    id: use === 'manage' ? 'errand' : use,
    title: both(use),
    use,
    textVersion: '1',
    text: both('text'),
  })),
  identityProviders: [
    {
      issuer: 'https://login.test',
      keys: [{ ...keys('login', 'id').publicJwk }],
      maximumAcr: 'eidas2',
      population: 'citizens',
      clients: { north: 'client' },
    },
  ],
  authorisations: [],
  ...change,
})
const authorisation = (
  change: Partial<AuthorisationClaims> = {},
  key = keys(change.iss ?? north, 'authorisation').privateKey,
): string =>
  signToken(
    authorisationType,
    {
      iss: north,
      id: 'a1',
      requester: south,
      evidenceType: 'thing',
      purpose: 'errand',
      fields: ['name'],
      predicates: [{ id: 'is-small', kind: 'at-most', field: 'size', constant: 3 }],
      mode: 'information',
      legalReference: 'article 1',
      habilitation: 'h1',
      maximumAgeSeconds: day,
      retentionSeconds: day,
      predicatesPerDay: 3,
      iat: now - day,
      nbf: now - day,
      exp: now + 30 * day,
      ...change,
    },
    key,
  )
/** Signed by its provider, whatever it says: no writer of ours would. */
const rewritten = (from: string | RegExp, to: string): string => {
  const [header = '', payload = ''] = authorisation({ secrecyLiftedBy: 'article 2', minimumAgeYears: 18 }).split('.')
  const text = Buffer.from(payload, 'base64url').toString().replace(from, to)
  const input = `${header}.${Buffer.from(text).toString('base64url')}`
  return `${input}.${cryptoSign(null, Buffer.from(input), keys(north, 'authorisation').privateKey.key).toString('base64url')}`
}
const signerKey = keys('signer', 'list')
const sign = (change: Partial<FederationClaims> = {}, key = signerKey.privateKey): string =>
  signToken(federationListType, claimsOf(change), key)
const read = (compact: string, change: { nowSeconds?: number; serialAtLeast?: number } = {}) => {
  const leftOut: MeshError[] = []
  const federation = Federation.verify(compact, {
    signerKeyOf: (issuer, kid) =>
      issuer === 'signer' && kid === signerKey.publicJwk.kid ? registerPublicKey(signerKey.publicJwk) : undefined,
    nowSeconds: now,
    serialAtLeast: 0,
    onLeftOut: (error) => leftOut.push(error),
    ...change,
  })
  return { federation, leftOut }
}
const withAuthorisations = (...authorisations: string[]) => read(sign({ authorisations }))
const refusal = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}
const reason = (name: string) => ({ name: 'MeshError', reason: name })
const asked = { requester: south, provider: north, evidenceType: 'thing', purpose: 'errand' }

describe('a federation list', () => {
  it.each<[string, () => string, string]>([
    ['another signer', () => sign({ iss: 'north' }), 'TOKEN_KEY_UNKNOWN'],
    ['a key that is not pinned', () => sign({}, keys('north', 'authorisation').privateKey), 'TOKEN_KEY_UNKNOWN'],
    [
      'a forged signature',
      () => sign({}, { ...keys('north', 'token').privateKey, kid: signerKey.publicJwk.kid }),
      'TOKEN_SIGNATURE_INVALID',
    ],
    ['a longer life than a day', () => sign({ exp: now + day + 1 }), 'TOKEN_CLAIMS_INVALID'],
    ['an end that has passed', () => sign({ iat: now - day, exp: now - 60 }), 'TOKEN_EXPIRED'],
    ['a beginning that lies ahead', () => sign({ iat: now + 61 }), 'TOKEN_NOT_YET_VALID'],
    [
      'two members of one id',
      () => sign({ members: [memberOf(north), memberOf(north, { busKey: 'x' })] }),
      'FEDERATION_LIST_INVALID',
    ],
    [
      'two members of one bus key',
      () => sign({ members: [memberOf(north), memberOf(south, { busKey: 'bus-north' })] }),
      'FEDERATION_LIST_INVALID',
    ],
    [
      'a key that is private',
      () =>
        sign({
          members: [memberOf(north, { keys: [{ use: 'token', jwk: { ...keys(north, 'token').publicJwk, d: 'AA' } }] })],
        }),
      'REQUEST_INVALID',
    ],
  ])('is refused with %s', (_, compact, name) => {
    expect(refusal(() => read(compact()))).toMatchObject(reason(name))
  })

  it('is refused when its serial goes back, and taken when it stays or grows', () => {
    expect(refusal(() => read(sign(), { serialAtLeast: 8 }))).toMatchObject(reason('FEDERATION_LIST_INVALID'))
    expect(read(sign(), { serialAtLeast: 7 }).federation.claims.serial).toBe(7)
    expect(read(sign({ serial: 8 }), { serialAtLeast: 7 }).federation.claims.serial).toBe(8)
  })

  it.each<[string, object]>([
    ['an unknown claim', { extra: 1 }],
    ['no serial', { serial: undefined }],
    ['a serial of zero', { serial: 0 }],
    ['a member id that is none', { members: [{ ...memberOf(north), id: 'North.1' }] }],
    ['a key of an unknown use', { members: [memberOf(north, { keys: [{ use: 'other', jwk: {} }] as never })] }],
    ['a medical secret', { evidenceTypes: [{ ...claimsOf().evidenceTypes[0], secrecy: 'medical' }] }],
    ['a defence secret', { evidenceTypes: [{ ...claimsOf().evidenceTypes[0], secrecy: 'defence' }] }],
    ['a purpose of no use', { purposes: [{ ...claimsOf().purposes[0], use: undefined }] }],
    ['a type without another route', { evidenceTypes: [{ ...claimsOf().evidenceTypes[0], routes: [] }] }],
    [
      'a purpose without text',
      { purposes: [{ id: 'errand', title: both('x'), use: 'manage', textVersion: '1', text: { fr: '', en: 'x' } }] },
    ],
  ])('is not one with %s', (_, change) => {
    expect(federationListType.readClaims({ ...claimsOf(), ...change })).toBeUndefined()
    expect(federationListType.readClaims({ ...claimsOf() })).toBeDefined()
  })
})

describe('an authorisation', () => {
  it.each<[string, () => string, string]>([
    ['the operator signed', () => authorisation({}, signerKey.privateKey), 'TOKEN_KEY_UNKNOWN'],
    ['the requester signed', () => authorisation({}, keys(south, 'authorisation').privateKey), 'TOKEN_KEY_UNKNOWN'],
    [
      'somebody signed in the name of the provider’s key',
      () => authorisation({}, { ...keys(south, 'authorisation').privateKey, kid: 'north.authorisation' }),
      'TOKEN_SIGNATURE_INVALID',
    ],
    [
      'the provider signed with a key of another use',
      () => authorisation({}, keys(north, 'statement').privateKey),
      'TOKEN_KEY_UNKNOWN',
    ],
    [
      'a service of the provider signed',
      () => authorisation({}, keys(north, 'sign', 'desk').privateKey),
      'TOKEN_KEY_UNKNOWN',
    ],
    ['a stranger signed for itself', () => authorisation({ iss: 'stranger' as MemberId }), 'TOKEN_KEY_UNKNOWN'],
    [
      'names a requester who is no member',
      () => authorisation({ requester: 'stranger' as MemberId }),
      'FEDERATION_LIST_INVALID',
    ],
    ['names a type that nobody knows', () => authorisation({ evidenceType: 'other' }), 'FEDERATION_LIST_INVALID'],
    ['names a purpose that nobody knows', () => authorisation({ purpose: 'other' }), 'FEDERATION_LIST_INVALID'],
    [
      'is for a secret type and names no text that lifts the secret',
      () => authorisation({ evidenceType: 'secret' }),
      'FEDERATION_LIST_INVALID',
    ],
    [
      'tells of changes what its person asks for each time',
      () => authorisation({ mode: 'explicit-request', changesTold: true }),
      'FEDERATION_LIST_INVALID',
    ],
    ['names an empty text that lifts the secret', () => rewritten('"article 2"', '""'), 'TOKEN_CLAIMS_INVALID'],
    [
      'is proactive to run what the person already has',
      () => authorisation({ mode: 'proactive' }),
      'FEDERATION_LIST_INVALID',
    ],
    [
      'is proactive to check on the person',
      () => authorisation({ mode: 'proactive', purpose: 'control' }),
      'FEDERATION_LIST_INVALID',
    ],
    [
      'is proactive and kept a second longer than 365 days',
      () => authorisation({ mode: 'proactive', purpose: 'inform', retentionSeconds: 365 * day + 1 }),
      'FEDERATION_LIST_INVALID',
    ],
    [
      'is of a mode that nobody knows',
      () => rewritten('"mode":"information"', '"mode":"other"'),
      'TOKEN_CLAIMS_INVALID',
    ],
    ['is for people of no age', () => rewritten('"minimumAgeYears":18', '"minimumAgeYears":0'), 'TOKEN_CLAIMS_INVALID'],
    ['has ended', () => authorisation({ exp: now - 60 }), 'TOKEN_EXPIRED'],
    ['ended before it began', () => authorisation({ nbf: now + 2 * day, exp: now + day }), 'TOKEN_EXPIRED'],
    ['is another kind of token', () => sign(), 'TOKEN_TYPE_WRONG'],
    ['is no token', () => 'garbage', 'TOKEN_MALFORMED'],
    ['is empty', () => '', 'TOKEN_MALFORMED'],
    ['holds no object', () => `a.${Buffer.from('null').toString('base64url')}.c`, 'TOKEN_MALFORMED'],
    ['begins at a number without end', () => rewritten(/"nbf":\d+/, '"nbf":1e999'), 'TOKEN_CLAIMS_INVALID'],
  ])('that %s is left out and named, and the rest of the list is in force', (_, compact, name) => {
    const good = authorisation()
    const { federation, leftOut } = withAuthorisations(compact(), good)
    expect(leftOut).toMatchObject([reason(name)])
    expect(federation.authorisationsInForce(now)).toHaveLength(1)
    expect(federation.authorisation(asked, now).id).toBe('a1')
  })

  it.each<[string, Partial<typeof asked>]>([
    ['another requester', { requester: east }],
    ['another provider', { provider: east }],
    ['requester and provider exchanged', { requester: north, provider: south }],
    ['another type', { evidenceType: 'other' }],
    ['another purpose', { purpose: 'other' }],
    ['names run together', { requester: `${south}\n${north}` as MemberId, provider: 'thing' as MemberId }],
  ])('does not join %s', (_, change) => {
    const { federation } = withAuthorisations(authorisation())
    expect(refusal(() => federation.authorisation({ ...asked, ...change }, now))).toMatchObject(
      reason('PURPOSE_NOT_AUTHORISED'),
    )
  })

  it.each<[string, Partial<AuthorisationClaims>]>([
    ['for a secret type that names the text', { evidenceType: 'secret', secrecyLiftedBy: 'article 2' }],
    ['on explicit request, kept for years', { mode: 'explicit-request', retentionSeconds: 900 * day }],
    ['proactive to inform', { mode: 'proactive', purpose: 'inform' }],
    [
      'proactive to attribute, kept for 365 days',
      { mode: 'proactive', purpose: 'attribute', retentionSeconds: 365 * day },
    ],
    ['by information, to check on the person', { purpose: 'control' }],
    ['by information, telling of changes', { changesTold: true }],
  ])('%s is in force', (_, change) => {
    const { federation, leftOut } = withAuthorisations(authorisation(change))
    expect(leftOut).toEqual([])
    expect(federation.authorisationsInForce(now)).toMatchObject([change])
  })

  it('for people of an age binds every exchange of the same three, because a ticket names no type', () => {
    const { federation } = withAuthorisations(
      authorisation({ minimumAgeYears: 18 }),
      authorisation({ evidenceType: 'secret', secrecyLiftedBy: 'article 2', minimumAgeYears: 16 }),
      authorisation({ purpose: 'control' }),
    )
    expect(federation.minimumAgeYears(south, north, 'errand', now)).toBe(18)
    expect(federation.minimumAgeYears(south, north, 'control', now)).toBe(0)
    expect(federation.minimumAgeYears(east, north, 'errand', now)).toBe(0)
  })

  it('is in force from its beginning to its end, by itself', () => {
    const { federation, leftOut } = withAuthorisations(authorisation({ nbf: now + 100, exp: now + 200 }))
    expect(leftOut).toEqual([])
    const isRefused = (at: number) => refusal(() => federation.authorisation(asked, at)) instanceof MeshError
    expect([now, now + 99, now + 100, now + 199, now + 200].map(isRefused)).toEqual([true, true, false, false, true])
    expect([now, now + 100].map((at) => federation.isJoined(south, north, 'errand', at))).toEqual([false, true])
  })

  it('that is to follow leaves its predecessor in force until then, in whatever order they stand', () => {
    const [old, next] = [authorisation({ id: 'old', exp: now + 200 }), authorisation({ id: 'next', nbf: now + 100 })]
    for (const { federation } of [withAuthorisations(old, next), withAuthorisations(next, old)]) {
      const idAt = (at: number) => federation.authorisation(asked, at).id
      expect([now, now + 99, now + 100, now + 300].map(idAt)).toEqual(['old', 'old', 'next', 'next'])
      expect(federation.authorisationsInForce(now + 150).map(({ id }) => id)).toEqual(['next'])
    }
  })

  it('says who provides, and what its provider signed', () => {
    const found = withAuthorisations(authorisation()).federation.authorisation(asked, now)
    expect(found).toMatchObject({ provider: north, fields: ['name'], mode: 'information', predicatesPerDay: 3 })
    expect(found).not.toHaveProperty('iss')
  })

  it('joins requester, provider and purpose whatever the type, and in one direction', () => {
    const { federation } = withAuthorisations(authorisation())
    expect(federation.isJoined(south, north, 'errand', now)).toBe(true)
    expect(federation.isJoined(north, south, 'errand', now)).toBe(false)
    expect(federation.isJoined(south, north, 'other', now)).toBe(false)
  })

  it('is never in force outside its own time, whichever of several is asked', () => {
    const times = fc.record({
      nbf: fc.integer({ min: now - 50, max: now + 50 }),
      length: fc.integer({ min: 1, max: 60 }),
    })
    fc.assert(
      fc.property(
        fc.array(times, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: now - 60, max: now + 120 }),
        (spans, at) => {
          const all = spans.map(({ nbf, length }, n) => ({ id: `a${n}`, nbf, exp: nbf + length }))
          const { federation } = read(sign({ authorisations: all.map((each) => authorisation(each)) }), {
            nowSeconds: now,
          })
          const found = refusal(() => federation.authorisation(asked, at)) as { id?: string; reason?: string }
          const admitted = all.filter(({ nbf, exp }) => exp + 60 > Math.max(now, nbf))
          const inForce = admitted.filter(({ nbf, exp }) => at >= nbf && at < exp)
          if (inForce.length === 0) expect(found.reason).toBe('PURPOSE_NOT_AUTHORISED')
          else expect(inForce.map(({ id }) => id)).toContain(found.id)
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('keys', () => {
  const { federation } = read(sign())
  const kid = (owner: string, use: string, service?: string) => keys(owner, use, service).publicJwk.kid

  it('serve one member and one use', () => {
    const uses: KeyUse[] = ['token', 'authorisation', 'statement', 'log', 'ticket', 'decision']
    for (const use of uses)
      for (const other of uses)
        expect(federation.keyOf(use)(north, kid(north, other)) !== undefined).toBe(use === other)
    expect(federation.keyOf('token')(south, kid(north, 'token'))).toBeUndefined()
    expect(federation.keyOf('token')('stranger', kid(north, 'token'))).toBeUndefined()
  })

  it('to sign and to be sealed to serve one service', () => {
    for (const use of ['sign', 'seal'] as const) {
      expect(federation.keyOf(use, 'desk')(north, kid(north, use, 'desk'))?.kid).toBe(kid(north, use, 'desk'))
      expect(federation.keyOf(use, 'desk')(north, kid(north, use, 'counter'))).toBeUndefined()
      expect(federation.keyOf(use)(north, kid(north, use, 'desk'))).toBeUndefined()
    }
    expect(federation.sealKey(north, 'desk').kid).toBe(kid(north, 'seal', 'desk'))
    expect(refusal(() => federation.sealKey(north, 'other'))).toMatchObject(reason('MEMBER_UNKNOWN'))
    expect(refusal(() => federation.sealKey('stranger', 'desk'))).toMatchObject(reason('MEMBER_UNKNOWN'))
  })

  it('of a signer come with the service that they belong to, and no other key signs messages', () => {
    expect(federation.signer(north, kid(north, 'sign', 'desk'))?.service).toBe('desk')
    expect(federation.signer(south, kid(north, 'sign', 'desk'))).toBeUndefined()
    expect(federation.signer(north, kid(north, 'statement'))).toBeUndefined()
    expect(federation.signer(north, kid(north, 'seal', 'desk'))).toBeUndefined()
  })

  it('of an identity provider are its own, and no member’s', () => {
    expect(federation.identityProviderKeyOf('https://login.test', 'login.id')?.kid).toBe('login.id')
    expect(federation.identityProviderKeyOf('https://login.test', kid(north, 'token'))).toBeUndefined()
    expect(federation.identityProviderKeyOf(north, kid(north, 'token'))).toBeUndefined()
    expect(federation.identityProvider('https://other.test')).toBeUndefined()
  })

  it('during a rotation are several, and a message is sealed to the last', () => {
    const old = memberOf(north)
    const rotated = { use: 'seal' as const, service: 'desk', jwk: { ...keys(north, 'seal', 'desk2').publicJwk } }
    const { federation } = read(sign({ members: [{ ...old, keys: [...old.keys, rotated] }, memberOf(south)] }))
    expect(federation.sealKey(north, 'desk').kid).toBe(kid(north, 'seal', 'desk2'))
    expect(federation.keyOf('seal', 'desk')(north, kid(north, 'seal', 'desk'))).toBeDefined()
  })
})

describe('members', () => {
  it('are unknown once their security approval has ended', () => {
    const { federation } = read(sign())
    expect(federation.member(north, now + day - 1).id).toBe(north)
    expect(refusal(() => federation.member(north, now + day))).toMatchObject(reason('MEMBER_UNKNOWN'))
    expect(refusal(() => federation.member('stranger', now))).toMatchObject(reason('MEMBER_UNKNOWN'))
  })

  it('are found by bus key and by role, and by nothing else', () => {
    const { federation } = read(
      sign({ members: [memberOf(north), memberOf(east, { roles: ['portal'], busKey: undefined as never })] }),
    )
    expect(federation.memberByBusKey('bus-north')?.id).toBe(north)
    expect(federation.memberByBusKey('undefined')).toBeUndefined()
    expect(federation.memberByBusKey('constructor')).toBeUndefined()
    expect([
      federation.hasRole(east, 'portal'),
      federation.hasRole(north, 'portal'),
      federation.hasRole('x', 'agency'),
    ]).toEqual([true, false, false])
    expect(federation.memberWithRole('portal').id).toBe(east)
    expect(refusal(() => federation.memberWithRole('consent-authority'))).toMatchObject(reason('MEMBER_UNKNOWN'))
  })

  it('speak of types and purposes that the list has', () => {
    const { federation } = read(sign())
    expect(federation.evidenceType('thing').id).toBe('thing')
    expect(federation.purpose('errand').id).toBe('errand')
    expect(refusal(() => federation.evidenceType('constructor'))).toMatchObject(reason('EVIDENCE_TYPE_UNKNOWN'))
    expect(refusal(() => federation.purpose('constructor'))).toMatchObject(reason('PURPOSE_NOT_AUTHORISED'))
  })
})
