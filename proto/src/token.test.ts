import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import fc from 'fast-check'
import { CompactSign, importJWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { generateKeyPair, importPrivateKey, type PrivateKey, registerPublicKey } from './keys.js'
import { MeshError, type Reason } from './reasons.js'
import { checkToken, type ReplayStore, signToken, type TokenType, verifyToken } from './token.js'

interface Colour {
  readonly colour: string
}
const readClaims = ({ colour }: Readonly<Record<string, unknown>>) =>
  typeof colour === 'string' ? { colour } : undefined
const reusable: TokenType<Colour> = {
  typ: 'colour+jwt',
  maxBytes: 2000,
  algorithms: ['EdDSA', 'ES256'],
  expires: 'required',
  isSingleUse: false,
  maxLifetimeSeconds: 300,
  readClaims,
}
const singleUse: TokenType<Colour> = { ...reusable, isSingleUse: true }
const foreign: TokenType<Colour> = {
  ...reusable,
  typ: ['JWT', null],
  algorithms: ['RS256', 'ES256'],
  allowsManyAudiences: true,
}

const nowSeconds = 1_800_000_000
const claims = { iss: 'alpha', aud: 'beta', jti: 'j1', iat: nowSeconds, exp: nowSeconds + 60, colour: 'blue' }
const pair = generateKeyPair('sign', 'k1')
const signer = importPrivateKey(pair.privateJwk)
const known = registerPublicKey(pair.publicJwk)
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ecJwk = { ...ec.privateKey.export({ format: 'jwk' }), kid: 'k2', alg: 'ES256' }
const ecSigner = importPrivateKey(ecJwk)
const ecKnown = registerPublicKey({ ...ec.publicKey.export({ format: 'jwk' }), kid: 'k2' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rsaKnown = registerPublicKey({ ...rsa.publicKey.export({ format: 'jwk' }), kid: 'k3' })

const keyOf = (issuer: string, kid: string) =>
  issuer === 'alpha' ? [known, ecKnown, rsaKnown].find((key) => key.kid === kid) : undefined
const expected = { audience: 'beta', keyOf, nowSeconds }
const b64 = (value: unknown) =>
  (Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))).toString(
    'base64url',
  )

/** A token with any header and payload, rightly signed by alpha: what a careless or hostile member could make. */
const forge = (header: unknown, payload: unknown = claims): string => {
  const input = `${b64(header)}.${b64(payload)}`
  return `${input}.${b64(sign(null, Buffer.from(input), signer.key))}`
}
const header = { alg: 'EdDSA', kid: 'k1', typ: 'colour+jwt' }
const reasonOf = (run: () => unknown): Reason | 'accepted' => {
  try {
    run()
    return 'accepted'
  } catch (thrown) {
    if (thrown instanceof MeshError) return thrown.reason
    throw thrown
  }
}
const judge = (compact: string, type = reusable, more = {}) =>
  reasonOf(() => checkToken(compact, type, { ...expected, ...more }))

const memoryStore = (): ReplayStore & { seen: string[] } => {
  const seen: string[] = []
  return {
    seen,
    accept: async (issuer, jti, expiresAtSeconds) => {
      const entry = `${issuer} ${jti} ${expiresAtSeconds}`
      return !seen.includes(entry) && seen.push(entry) > 0
    },
  }
}

describe('checkToken', () => {
  const good = signToken(reusable, claims, signer)

  it.each<[string, string]>([
    ['nothing', ''],
    ['two parts', good.slice(0, good.lastIndexOf('.'))],
    ['four parts', `${good}.${b64('x')}`],
    ['an empty signature', good.slice(0, good.lastIndexOf('.') + 1)],
    ['an empty payload', `${b64(header)}..${b64('x')}`],
    ['padding', `${good}=`],
    ['white space around it', `${good}\n`],
    ['more than its size', forge({ ...header, filler: 'x'.repeat(1000) }, { ...claims, filler: 'x'.repeat(1000) })],
    ['a header larger than 2 kB', forge({ ...header, filler: 'x'.repeat(1600) }, 'x')],
    ['a payload that is an array', forge(header, [claims])],
    ['a payload that is null', forge(header, 'null')],
    ['a payload with a claim twice', forge(header, '{"iss":"alpha","aud":"beta","iss":"alpha"}')],
    ['a deep payload', forge(header, `{"colour":${'['.repeat(300)}${']'.repeat(300)}}`)],
    ['a header with a parameter twice', forge('{"alg":"EdDSA","kid":"k1","typ":"colour+jwt","alg":"EdDSA"}')],
    ['a header that is a string', forge('"EdDSA"')],
    ['critical parameters', forge({ ...header, crit: ['exp'], exp: 1 })],
    ['an unencoded payload', forge({ ...header, b64: false })],
    ['an embedded key', forge({ ...header, jwk: pair.publicJwk })],
    ['a key by reference', forge({ ...header, jku: 'https://evil.example/jwks' })],
    ['a certificate by reference', forge({ ...header, x5u: 'https://evil.example/cert' })],
    ['an embedded certificate', forge({ ...header, x5c: ['MII'] })],
  ])('refuses %s', (_, compact) => {
    expect(judge(compact)).toBe('TOKEN_MALFORMED')
  })

  it.each<[string, unknown]>([
    ['another type', 'sealed-request+jws'],
    ['no type', undefined],
    ['a null type', null],
    ['a number', 1],
    ['a type that only ends alike', 'x-colour+jwt'],
    ['another media tree', 'text/colour+jwt'],
    ['the prefix twice', 'application/application/colour+jwt'],
  ])('refuses %s', (_, typ) => {
    expect(judge(forge({ ...header, typ }))).toBe('TOKEN_TYPE_WRONG')
  })

  it.each<[string, unknown]>([
    ['none', 'none'],
    ['None', 'None'],
    ['no algorithm', undefined],
    ['a list', ['EdDSA']],
    ['an algorithm the type does not pin', 'RS256'],
    ['an algorithm that is not the key’s', 'ES256'],
    ['HS256', 'HS256'],
    ['another case', 'eddsa'],
  ])('refuses the algorithm: %s', (_, alg) => {
    expect(judge(forge({ ...header, alg }))).toBe('TOKEN_ALGORITHM_REFUSED')
  })

  it('refuses an HMAC keyed with the public key', () => {
    const input = `${b64({ ...header, alg: 'HS256' })}.${b64(claims)}`
    const secret = known.key.export({ format: 'pem', type: 'spki' })
    const compact = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
    expect(judge(compact)).toBe('TOKEN_ALGORITHM_REFUSED')
  })

  it('refuses a registered key whose kind is not its algorithm’s', () => {
    const confused = { ...rsaKnown, kid: 'k1', alg: 'EdDSA' as const }
    expect(judge(good, reusable, { keyOf: () => confused })).toBe('TOKEN_ALGORITHM_REFUSED')
  })

  it.each<[string, string]>([
    ['a foreign kid', forge({ ...header, kid: 'k9' })],
    ['no kid', forge({ ...header, kid: undefined })],
    ['a kid that is not text', forge({ ...header, kid: 1 })],
    ['another issuer', forge(header, { ...claims, iss: 'gamma' })],
    ['no issuer', forge(header, { ...claims, iss: undefined })],
    ['an issuer that is a list', forge(header, { ...claims, iss: ['alpha'] })],
  ])('refuses %s', (_, compact) => {
    expect(judge(compact)).toBe('TOKEN_KEY_UNKNOWN')
  })

  it('refuses a key that a careless KeyOf gives for another kid', () => {
    expect(judge(forge({ ...header, kid: 'other' }), reusable, { keyOf: () => known })).toBe('TOKEN_KEY_UNKNOWN')
  })

  it('refuses the signature of another key, of another length, and an empty ES256 signature', () => {
    const stranger = importPrivateKey(generateKeyPair('sign', 'k1').privateJwk)
    expect(judge(signToken(reusable, claims, stranger))).toBe('TOKEN_SIGNATURE_INVALID')
    expect(judge(`${good.slice(0, good.lastIndexOf('.'))}.AAAA`)).toBe('TOKEN_SIGNATURE_INVALID')
    const psychic = `${b64({ ...header, alg: 'ES256', kid: 'k2' })}.${b64(claims)}.${b64(Buffer.alloc(64))}`
    expect(judge(psychic)).toBe('TOKEN_SIGNATURE_INVALID')
  })

  it('refuses an ES256 signature in DER', () => {
    const input = `${b64({ ...header, alg: 'ES256', kid: 'k2' })}.${b64(claims)}`
    expect(judge(`${input}.${b64(sign('sha256', Buffer.from(input), ec.privateKey))}`)).toBe('TOKEN_SIGNATURE_INVALID')
  })

  it('judges the signature before the claims', () => {
    const stranger = importPrivateKey(generateKeyPair('sign', 'k1').privateJwk)
    expect(judge(signToken(reusable, { ...claims, exp: nowSeconds - 500 }, stranger))).toBe('TOKEN_SIGNATURE_INVALID')
  })

  it.each<[string, object]>([
    ['no exp', { exp: undefined }],
    ['an exp that is text', { exp: `${nowSeconds + 60}` }],
    ['an exp beyond every clock', { exp: 1e300 }],
    ['an exp before its iat', { exp: nowSeconds - 1 }],
    ['a longer life than the type allows', { exp: nowSeconds + 301 }],
    ['no iat', { iat: undefined }],
    ['a negative iat', { iat: -1 }],
    ['an nbf that is text', { nbf: '0' }],
    ['a jti that is not text', { jti: 1 }],
    ['an endless jti', { jti: 'j'.repeat(257) }],
    ['several audiences', { aud: ['beta', 'gamma'] }],
    ['a claim of its own missing', { colour: undefined }],
  ])('refuses %s', (_, change) => {
    expect(judge(forge(header, { ...claims, ...change }))).toBe('TOKEN_CLAIMS_INVALID')
  })

  it('refuses an exp on a type that never expires', () => {
    expect(judge(good, { ...reusable, expires: 'never' })).toBe('TOKEN_CLAIMS_INVALID')
    expect(judge(forge(header, { ...claims, exp: undefined }), { ...reusable, expires: 'never' })).toBe('accepted')
  })

  it('tolerates the skew and not a second more', () => {
    const at = (seconds: number, skewSeconds?: number) => judge(good, reusable, { nowSeconds: seconds, skewSeconds })
    expect(at(claims.exp + 59)).toBe('accepted')
    expect(at(claims.exp + 60)).toBe('TOKEN_EXPIRED')
    expect(at(claims.exp, 0)).toBe('TOKEN_EXPIRED')
    expect(at(claims.iat - 60)).toBe('accepted')
    expect(at(claims.iat - 61)).toBe('TOKEN_NOT_YET_VALID')
    expect(() => at(nowSeconds, 61)).toThrow(RangeError)
    expect(() => at(Number.NaN)).toThrow(RangeError)
  })

  it('refuses a token before its nbf', () => {
    expect(judge(forge(header, { ...claims, nbf: nowSeconds + 61 }))).toBe('TOKEN_NOT_YET_VALID')
  })

  it('refuses another audience, none, and an audience that nobody expects', () => {
    expect(judge(good, reusable, { audience: 'gamma' })).toBe('TOKEN_AUDIENCE_WRONG')
    expect(judge(good, reusable, { audience: undefined })).toBe('TOKEN_AUDIENCE_WRONG')
    expect(judge(forge(header, { ...claims, aud: undefined }))).toBe('TOKEN_AUDIENCE_WRONG')
    expect(judge(forge({ ...header, alg: 'EdDSA' }, { ...claims, aud: [] }))).toBe('TOKEN_CLAIMS_INVALID')
  })

  it('accepts a type in any case, with the prefix of RFC 7515 left in', () => {
    expect(judge(forge({ ...header, typ: 'application/Colour+JWT' }))).toBe('accepted')
  })

  it('refuses every change of one character', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\u0000é'
    const es256 = signToken(reusable, claims, ecSigner)
    fc.assert(
      fc.property(fc.constantFrom(good, es256), fc.nat(), fc.constantFrom(...alphabet), (token, at, character) => {
        const index = at % token.length
        fc.pre(token[index] !== character)
        expect(judge(token.slice(0, index) + character + token.slice(index + 1))).not.toBe('accepted')
        expect(judge(token.slice(0, index) + token.slice(index + 1))).not.toBe('accepted')
      }),
      { numRuns: 500 },
    )
  })

  it('throws nothing but MeshError, whatever it is given', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.base64String(), { minLength: 3, maxLength: 3 }).map((parts) => parts.join('.')),
      fc.jsonValue().map((payload) => forge(header, payload)),
      fc.jsonValue().map((anyHeader) => forge(anyHeader)),
      fc
        .record({ iss: fc.constant('alpha'), aud: fc.jsonValue(), iat: fc.jsonValue(), exp: fc.jsonValue() })
        .map((each) => forge(header, each)),
    )
    fc.assert(
      fc.property(text, (compact) => {
        expect(judge(compact)).not.toBe('accepted')
      }),
      { numRuns: 500 },
    )
  })
})

describe('a token of an outside identity provider', () => {
  const issue = async (typ: string | undefined, aud: string | string[]) =>
    new CompactSign(Buffer.from(JSON.stringify({ ...claims, aud })))
      .setProtectedHeader({ alg: 'RS256', kid: 'k3', x5t: 'abc', ...(typ && { typ }) })
      .sign(rsa.privateKey)

  it('is accepted with typ JWT or none and a list of audiences', async () => {
    expect(judge(await issue('JWT', 'beta'), foreign)).toBe('accepted')
    expect(judge(await issue(undefined, ['gamma', 'beta']), foreign)).toBe('accepted')
  })

  it('is refused for another audience, and where another type is asked for', async () => {
    expect(judge(await issue('JWT', ['gamma']), foreign)).toBe('TOKEN_AUDIENCE_WRONG')
    expect(judge(await issue('at+jwt', 'beta'), foreign)).toBe('TOKEN_TYPE_WRONG')
    expect(judge(await issue(undefined, 'beta'))).toBe('TOKEN_TYPE_WRONG')
  })
})

describe('verifyToken', () => {
  it('refuses the second use of a single-use token, however it is signed again', async () => {
    const replay = memoryStore()
    const verify = (signedBy: PrivateKey) =>
      verifyToken(signToken(singleUse, claims, signedBy), singleUse, { ...expected, replay })
    await expect(verify(signer)).resolves.toMatchObject({ colour: 'blue' })
    await expect(verify(signer)).rejects.toMatchObject({ reason: 'TOKEN_REPLAYED' })
    await expect(verify(ecSigner)).rejects.toMatchObject({ reason: 'TOKEN_REPLAYED' })
  })

  it('has the store remember a token for as long as the skew lets it live', async () => {
    const replay = memoryStore()
    await verifyToken(signToken(singleUse, claims, signer), singleUse, { ...expected, replay })
    expect(replay.seen).toEqual([`alpha j1 ${claims.exp + 60}`])
  })

  it('does not consume a token that it refuses', async () => {
    const replay = memoryStore()
    const late = { ...expected, nowSeconds: nowSeconds + 500, replay }
    await expect(verifyToken(signToken(singleUse, claims, signer), singleUse, late)).rejects.toMatchObject({
      reason: 'TOKEN_EXPIRED',
    })
    expect(replay.seen).toEqual([])
  })

  it('refuses a single-use token without a jti', async () => {
    const compact = forge(header, { ...claims, jti: undefined })
    await expect(verifyToken(compact, singleUse, { ...expected, replay: memoryStore() })).rejects.toMatchObject({
      reason: 'TOKEN_CLAIMS_INVALID',
    })
  })

  it('refuses to work without a replay store for a single-use type', async () => {
    await expect(verifyToken(signToken(singleUse, claims, signer), singleUse, expected)).rejects.toThrow(TypeError)
  })

  it('accepts a reusable token twice', async () => {
    const compact = signToken(reusable, claims, signer)
    await verifyToken(compact, reusable, expected)
    await expect(verifyToken(compact, reusable, expected)).resolves.toEqual(claims)
  })
})

describe('signToken', () => {
  it('refuses a key or claims that the verifier would refuse', () => {
    const sealKey = importPrivateKey(generateKeyPair('seal', 's').privateJwk)
    expect(() => signToken(reusable, claims, sealKey)).toThrow(TypeError)
    expect(() => signToken({ ...reusable, readClaims: () => undefined }, claims, signer)).toThrow(TypeError)
    expect(() => signToken(reusable, { ...claims, colour: 'x'.repeat(2000) }, signer)).toThrow(RangeError)
  })

  it.each([
    ['EdDSA', signer, { ...pair.publicJwk }],
    ['ES256', ecSigner, { ...ec.publicKey.export({ format: 'jwk' }) }],
  ])('signs %s tokens that jose verifies', async (alg, key, jwk) => {
    const compact = signToken(reusable, claims, key)
    const { payload, protectedHeader } = await jwtVerify(compact, await importJWK(jwk, alg), {
      currentDate: new Date(nowSeconds * 1000),
    })
    expect(payload).toEqual(claims)
    expect(protectedHeader).toEqual({ alg, kid: key.kid, typ: 'colour+jwt' })
  })

  it.each([
    ['EdDSA', 'k1', { ...pair.privateJwk }],
    ['ES256', 'k2', ecJwk],
  ])('leaves %s tokens of jose verifiable', async (alg, kid, jwk) => {
    const compact = await new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg, kid, typ: 'colour+jwt' })
      .sign(await importJWK(jwk, alg))
    expect(checkToken(compact, reusable, expected)).toEqual(claims)
  })

  it('gives back random claims unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (colour) => {
        fc.pre(Buffer.from(colour).toString() === colour)
        const jti = randomBytes(8).toString('hex')
        expect(checkToken(signToken(reusable, { ...claims, jti, colour }, signer), reusable, expected)).toEqual({
          ...claims,
          jti,
          colour,
        })
      }),
    )
  })
})
