import { describe, expect, it } from 'vitest'
import { generateKeyPair, importPrivateKey, registerPublicKey } from './keys.js'
import {
  type ConsentArtefactClaims,
  consentArtefactType,
  type ExplicitRequestClaims,
  explicitRequestType,
  type NoticeClaims,
  noticeType,
  type ProactiveUseClaims,
  proactiveUseType,
} from './statements.js'
import { checkToken, signToken } from './token.js'

const now = 1_800_000_000
const notice: NoticeClaims = {
  iss: 'south',
  aud: 'north',
  basis: 'b1.AAAAAAAAAAAAAAAAAAAAAA',
  purpose: 'errand',
  evidence_types: ['thing'],
  text_version: '1',
  language: 'fr',
  channel: 'counter',
  iat: now,
}
const artefact: ConsentArtefactClaims = {
  iss: 'authority',
  aud: 'north',
  basis: 'b1.AAAAAAAAAAAAAAAAAAAAAA',
  requester: 'south',
  provider: 'north',
  purpose: 'errand',
  evidence_types: ['thing'],
  state: 'given',
  acr: 'eidas1',
  auth_time: now - 60,
  iat: now,
  valid_from: now,
  valid_until: now + 86_400,
  position: 1,
  sealed_subject: 'a.b.c.d.e',
}
const { publicJwk, privateJwk } = generateKeyPair('sign', 'k')
const key = importPrivateKey(privateJwk)
const expected = { audience: 'north', nowSeconds: now, keyOf: () => registerPublicKey(publicJwk) }
const because = (reason: string) => expect.objectContaining({ reason })

describe('a notice', () => {
  it.each<[string, object]>([
    ['no basis', { basis: undefined }],
    ['no evidence type', { evidence_types: [] }],
    ['a channel that nobody knows', { channel: 'fax' }],
    ['no time', { iat: undefined }],
    ['a fraction of a second', { iat: 1.5 }],
    ['an unknown claim', { subject: 'p1.1.AAAAAAAAAAAAAAAAAAAAAA' }],
  ])('is none with %s', (_, change) => {
    expect(noticeType.readClaims({ ...notice, ...change })).toBeUndefined()
  })

  it('is refused by another audience, from another time, and as another statement', () => {
    const compact = signToken(noticeType, notice, key)
    const check =
      (change: object, type: typeof noticeType | typeof consentArtefactType = noticeType) =>
      () =>
        checkToken<unknown>(compact, type, { ...expected, ...change })
    expect(check({ audience: 'east' })).toThrow(because('TOKEN_AUDIENCE_WRONG'))
    expect(check({ nowSeconds: now - 61 })).toThrow(because('TOKEN_NOT_YET_VALID'))
    expect(check({}, consentArtefactType)).toThrow(because('TOKEN_TYPE_WRONG'))
  })

  it('stays valid, for its exchange may be asked for years later', () => {
    const compact = signToken(noticeType, notice, key)
    expect(checkToken(compact, noticeType, { ...expected, nowSeconds: now + 10 * 365 * 86_400 })).toEqual(notice)
    expect(() => signToken(noticeType, { ...notice, exp: now + 60 }, key)).toThrow(TypeError)
  })
})

describe('a consent artefact', () => {
  it.each<[string, object]>([
    ['a state that nobody knows', { state: 'maybe' }],
    ['no position', { position: 0 }],
    ['no end', { valid_until: undefined }],
    ['no person', { sealed_subject: undefined }],
    ['the person in clear', { sub: 'p1.1.AAAAAAAAAAAAAAAAAAAAAA' }],
    ['no level of login', { acr: undefined }],
    ['no evidence type', { evidence_types: [] }],
  ])('is none with %s', (_, change) => {
    expect(consentArtefactType.readClaims({ ...artefact, ...change })).toBeUndefined()
  })

  it.each(['given', 'refused', 'withdrawn'] as const)('says that consent was %s', (state) => {
    const compact = signToken(consentArtefactType, { ...artefact, state }, key)
    expect(checkToken(compact, consentArtefactType, expected)).toEqual({ ...artefact, state })
  })

  it("names the request that it answers in the requester's copy", () => {
    const copy = { ...artefact, aud: 'south', request: 'r1' }
    const compact = signToken(consentArtefactType, copy, key)
    expect(checkToken(compact, consentArtefactType, { ...expected, audience: 'south' })).toEqual(copy)
  })
})

describe('an explicit request', () => {
  const { channel: _, ...common } = notice
  const request: ExplicitRequestClaims = { ...common, mode: 'explicit-request' }

  it.each<[string, object]>([
    ['no mode', { mode: undefined }],
    ['another mode', { mode: 'proactive' }],
    ['no basis', { basis: undefined }],
    ['no evidence type', { evidence_types: [] }],
    ['an unknown claim', { channel: 'counter' }],
  ])('is none with %s', (_, change) => {
    expect(explicitRequestType.readClaims(request)).toEqual(request)
    expect(explicitRequestType.readClaims({ ...request, ...change })).toBeUndefined()
  })

  it('never serves as a notice, nor a notice as one', () => {
    const wrong = because('TOKEN_TYPE_WRONG')
    const asked = signToken(explicitRequestType, request, key)
    expect(checkToken(asked, explicitRequestType, expected)).toEqual(request)
    expect(() => checkToken(asked, noticeType, expected)).toThrow(wrong)
    expect(() => checkToken(signToken(noticeType, notice, key), explicitRequestType, expected)).toThrow(wrong)
  })
})

describe('a proactive use', () => {
  const { channel: _, language: __, text_version: ___, ...common } = notice
  const use: ProactiveUseClaims = { ...common, mode: 'proactive', campaign: 'autumn' }

  it.each<[string, object]>([
    ['no mode', { mode: undefined }],
    ['another mode', { mode: 'explicit-request' }],
    ['no campaign', { campaign: undefined }],
    ['no basis', { basis: undefined }],
    ['an unknown claim', { text_version: '1' }],
  ])('is none with %s', (_what, change) => {
    expect(proactiveUseType.readClaims(use)).toEqual(use)
    expect(proactiveUseType.readClaims({ ...use, ...change })).toBeUndefined()
  })

  it('never serves as a notice or as a request of the person', () => {
    const compact = signToken(proactiveUseType, use, key)
    expect(checkToken(compact, proactiveUseType, expected)).toEqual(use)
    for (const other of [noticeType, explicitRequestType])
      expect(() => checkToken<unknown>(compact, other, expected)).toThrow(because('TOKEN_TYPE_WRONG'))
  })
})
