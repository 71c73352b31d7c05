import { createHmac, createPrivateKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Places } from '@unefois/deploy/sandbox/places'
import { EphemeralKeys } from '@unefois/proto/ephemeral-keys'
import { encryptTo } from '@unefois/proto/jwe'
import type { Reason } from '@unefois/proto/reasons'

type Json = Readonly<Record<string, unknown>>

/** A signed token taken apart, with the key that its issuer signs with: what a forger starts from. */
export interface Original {
  readonly header: Json
  readonly claims: Json
  readonly key: KeyObject
}

export interface Forgery {
  readonly what: string
  readonly token: string
  readonly reason: Reason
}

const encode = (value: Json | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const decode = (part: string | undefined): Json => JSON.parse(Buffer.from(part ?? '', 'base64url').toString())

export const nowSeconds = (): number => Math.floor(Date.now() / 1000)

/** A private key that a member or the outside world keeps on disk. */
export const keyAt = (path: string): KeyObject => keyOf(JSON.parse(readFileSync(path, 'utf8')))
const keyOf = (jwk: JsonWebKey): KeyObject => createPrivateKey({ key: jwk, format: 'jwk' })
export const kidAt = (path: string): string => JSON.parse(readFileSync(path, 'utf8')).kid

export const originalOf = (token: string, keyPath: string): Original => {
  const [header, claims] = token.split('.')
  return { header: decode(header), claims: decode(claims), key: keyAt(keyPath) }
}

const signedBy = (key: KeyObject, input: string): string =>
  (key.asymmetricKeyType === 'ec'
    ? sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
    : sign(null, Buffer.from(input), key)
  ).toString('base64url')

/** A compact JWS of any header and claims, whatever our own code would say of them. */
export const compactOf = (header: Json, claims: Json | string, key: KeyObject): string => {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${signedBy(key, input)}`
}

/** The same token with other claims, signed by its true issuer. */
export const withClaims = ({ header, claims, key }: Original, changes: Json): string =>
  compactOf(header, { ...claims, ...changes }, key)

const anotherKey = (key: KeyObject): KeyObject =>
  key.asymmetricKeyType === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    : generateKeyPairSync('ed25519').privateKey

/** The last character of a 64-byte signature has bits that decode to nothing: another spelling of the same bytes. */
const respelt = (token: string): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(token.at(-1) ?? '')
  return `${token.slice(0, -1)}${alphabet[last ^ 1]}`
}

const hmacWithPublicKey = ({ header, claims, key }: Original): string => {
  const input = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`
  const publicJwk = key.export({ format: 'jwk' })
  const secret = Buffer.from(publicJwk.x ?? '', 'base64url')
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** Forgeries of the form: who holds no key of the issuer could make them, or who holds one and wants another reading. */
const ofForm = (original: Original): Forgery[] => {
  const { header, claims, key } = original
  const honest = compactOf(header, claims, key)
  const [encodedHeader, encodedClaims, signature] = honest.split('.')
  const forged = (what: string, token: string, reason: Reason): Forgery => ({ what, token, reason })
  const embedded = anotherKey(key)
  const { d: _, ...jwk } = embedded.export({ format: 'jwk' })
  const otherAlgorithm = header.alg === 'ES256' ? 'EdDSA' : 'ES256'
  const twice = JSON.stringify(claims).replace('{', `{"iss":"somebody-else",`)
  return [
    forged('algorithm none', compactOf({ ...header, alg: 'none' }, claims, key), 'TOKEN_ALGORITHM_REFUSED'),
    forged(
      'algorithm none and no signature',
      `${encode({ ...header, alg: 'none' })}.${encodedClaims}.`,
      'TOKEN_MALFORMED',
    ),
    forged('an HMAC keyed with the public key', hmacWithPublicKey(original), 'TOKEN_ALGORITHM_REFUSED'),
    forged(
      'the algorithm of another kind of key',
      compactOf({ ...header, alg: otherAlgorithm }, claims, key),
      'TOKEN_ALGORITHM_REFUSED',
    ),
    forged('a kid that nobody registered', compactOf({ ...header, kid: 'foreign' }, claims, key), 'TOKEN_KEY_UNKNOWN'),
    forged('no kid', compactOf({ ...header, kid: undefined }, claims, key), 'TOKEN_KEY_UNKNOWN'),
    forged('an embedded key', compactOf({ ...header, jwk }, claims, embedded), 'TOKEN_MALFORMED'),
    ...['jku', 'x5u', 'x5c', 'crit', 'b64'].map((name) =>
      forged(`the header parameter ${name}`, compactOf({ ...header, [name]: ['exp'] }, claims, key), 'TOKEN_MALFORMED'),
    ),
    forged('the signature of another key', compactOf(header, claims, embedded), 'TOKEN_SIGNATURE_INVALID'),
    forged(
      'changed claims',
      `${encodedHeader}.${encode({ ...claims, extra: 1 })}.${signature}`,
      'TOKEN_SIGNATURE_INVALID',
    ),
    forged('another spelling of its signature', respelt(honest), 'TOKEN_MALFORMED'),
    forged('a claim named twice', compactOf(header, twice, key), 'TOKEN_MALFORMED'),
    forged('another type', compactOf({ ...header, typ: 'something-else+jwt' }, claims, key), 'TOKEN_TYPE_WRONG'),
  ]
}

/** Tokens that their true issuer signed, and that are not, or no longer, or not yet, for this use. */
const ofClaims = (original: Original): Forgery[] => {
  const now = nowSeconds()
  const signed = (what: string, changes: Json, reason: Reason): Forgery => ({
    what,
    token: withClaims(original, changes),
    reason,
  })
  return [
    signed('an end in the past', { iat: now - 121, exp: now - 61 }, 'TOKEN_EXPIRED'),
    signed('a beginning in the future', { iat: now + 90, exp: now + 120 }, 'TOKEN_NOT_YET_VALID'),
    signed('another audience', { aud: 'somebody-else' }, 'TOKEN_AUDIENCE_WRONG'),
    signed('no end', { exp: undefined }, 'TOKEN_CLAIMS_INVALID'),
  ]
}

/** What is refused of any type of token, with the reason that its verification gives. */
export const forgeriesOf = (original: Original): Forgery[] => [...ofForm(original), ...ofClaims(original)]

const ephemerals = new EphemeralKeys()

/** Text encrypted to a service of a member, as a sealed message or a ticket is. */
export const encryptedTo = (places: Places, member: string, service: string, text: string): string =>
  encryptTo(places.list().sealKey(member, service), Buffer.from(text), {
    cty: 'JWT',
    ephemerals,
    nowSeconds: nowSeconds(),
  })
