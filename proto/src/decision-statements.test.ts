import { describe, expect, it } from 'vitest'
import { canonicalJson } from './canonical-json.js'
import {
  type AcceptanceAttestationClaims,
  type ApplicationReceiptClaims,
  acceptanceAttestationType,
  applicationReceiptType,
  type DecisionClaims,
  type DecisionStatement,
  decisionSignatureType,
  decisionType,
} from './decision-statements.js'
import { generateKeyPair, importPrivateKey, registerPublicKey } from './keys.js'
import { checkToken, type KeyOf, signToken, type TokenType } from './token.js'

const now = 1_800_000_000
const both = (text: string) => ({ fr: text, en: text })
const remedy = {
  title: both('recours'),
  count: 2,
  unit: 'months' as const,
  is_mandatory_first: true,
  reference: 'article 2',
}

const receipt: ApplicationReceiptClaims = {
  iss: 'north',
  application: 'a1',
  procedure: 'grant',
  procedure_sha256: 'a'.repeat(64),
  received_at_ms: now * 1000,
  service: both('service'),
  address: '1 rue',
  telephone: '01 00',
  silence: { means: 'rejection', due_day: '2027-03-15', is_waiting: false, reference: 'article 1' },
  remedies: [remedy],
  is_attestable: false,
  missing_fields: [],
  iat: now,
}
const attestation: AcceptanceAttestationClaims = {
  iss: 'north',
  application: 'a1',
  procedure: 'grant',
  procedure_sha256: 'a'.repeat(64),
  accepted_day: '2027-03-15',
  deposited_at_ms: now * 1000,
  service: both('service'),
  reference: 'article 1',
  iat: now,
}
const statement: DecisionStatement = {
  iss: 'north',
  sub: 'p1.1.AAAAAAAAAAAAAAAAAAAAAA',
  iat: now,
  decision: '0198c0de-0000-4000-8000-000000000001',
  application: 'a1',
  revision: 3,
  procedure: 'grant',
  procedure_sha256: 'a'.repeat(64),
  release_sha256: 'b'.repeat(64),
  finding: 'no',
  outcome: 'refused',
  reasons: 'Your income is above the ceiling.',
  gives: '',
  remedies: [remedy],
  language: 'fr',
  algorithm_notice: 'An algorithm had part in this.',
  delegation: 'd1',
  agent: { id: 'g1', first_name: 'Ada', last_name: 'Agent', capacity: 'Head of office', is_unnamed: false },
}
const decision: DecisionClaims = {
  iss: 'north',
  statement,
  signature: 'a.b.c',
  issued_at_ms: now * 1000,
  remedies: [{ ...remedy, last_day: '2027-03-15' }],
  iat: now,
}

const drawn = (kid: string) => {
  const { publicJwk, privateJwk } = generateKeyPair('sign', kid)
  return { open: registerPublicKey(publicJwk), own: importPrivateKey(privateJwk) }
}
const [north, south, other] = [drawn('k'), drawn('k'), drawn('other')]
/** Both members call their key by the same kid. */
const keyOf: KeyOf = (issuer, kid) => {
  if (kid !== 'k') return undefined
  return issuer === 'north' ? north.open : issuer === 'south' ? south.open : undefined
}
const expected = { nowSeconds: now, keyOf }
const because = (reason: string) => expect.objectContaining({ reason })

const kinds: [string, TokenType<unknown>, object][] = [
  ['a receipt', applicationReceiptType as TokenType<unknown>, receipt],
  ['an attestation', acceptanceAttestationType as TokenType<unknown>, attestation],
  ["an agent's signature", decisionSignatureType as TokenType<unknown>, statement],
  ['a decision', decisionType as TokenType<unknown>, decision],
]
const signed = (type: TokenType<unknown>, claims: object, key = north.own) => signToken(type, claims as never, key)

describe.each(kinds)('%s', (_what, type, claims) => {
  it('is refused under any other typ, by which it could serve as something else', () => {
    for (const [, wrong] of kinds.filter(([, each]) => each !== type))
      expect(() => checkToken(signed(type, claims), wrong, expected)).toThrow(because('TOKEN_TYPE_WRONG'))
  })

  it("is refused when another's key signed it, known or not", () => {
    const check = (key: typeof north.own) => () => checkToken(signed(type, claims, key), type, expected)
    expect(check(south.own)).toThrow(because('TOKEN_SIGNATURE_INVALID'))
    expect(check(other.own)).toThrow(because('TOKEN_KEY_UNKNOWN'))
    const claimed = signed(type, { ...claims, iss: 'south' })
    expect(() => checkToken(claimed, type, expected)).toThrow(because('TOKEN_SIGNATURE_INVALID'))
  })

  it('is refused with any byte of what it says changed', () => {
    const [header = '', payload = '', signature = ''] = signed(type, claims).split('.')
    const bytes = Buffer.from(payload, 'base64url')
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      const compact = [header, changed.toString('base64url'), signature].join('.')
      expect(() => checkToken(compact, type, expected)).toThrow(/./)
    }
  })

  it('says nothing that its format does not have', () => {
    expect(type.readClaims({ ...claims })).toEqual(claims)
    expect(type.readClaims({ ...claims, extra: 1 })).toBeUndefined()
    expect(() => signed(type, { ...claims, exp: now + 60 })).toThrow(TypeError)
  })

  it('can be verified for ever after', () => {
    const inTenYears = { ...expected, nowSeconds: now + 10 * 365 * 86_400 }
    expect(checkToken(signed(type, claims), type, inTenYears)).toEqual(claims)
    expect(() => checkToken(signed(type, claims), type, { ...expected, nowSeconds: now - 61 })).toThrow(
      because('TOKEN_NOT_YET_VALID'),
    )
  })
})

describe('a receipt', () => {
  it.each<[string, object]>([
    ['a day that is none', { missing_until_day: '2027-02-30' }],
    ['no telephone', { telephone: '' }],
    ['the person', { sub: statement.sub }],
    ['no procedure as it stood', { procedure_sha256: 'latest' }],
    ['a silence that means something else', { silence: { ...receipt.silence, means: 'maybe' } }],
  ])('is none with %s', (_, change) => {
    expect(applicationReceiptType.readClaims({ ...receipt, ...change })).toBeUndefined()
  })
})

describe('a statement of a decision', () => {
  it.each<[string, object]>([
    ['a decision without an id of its own', { decision: 'd' }],
    ['an id in another spelling', { decision: statement.decision.toUpperCase() }],
    ['an outcome that nobody knows', { outcome: 'maybe' }],
    ['no state of the file', { revision: 0 }],
    ['no person', { sub: '' }],
    ['an agent without a capacity (CRPA L111-2)', { agent: { ...statement.agent, capacity: '' } }],
    ['a remedy without its text', { remedies: [{ ...remedy, reference: '' }] }],
    ['an empty notice', { algorithm_notice: '' }],
  ])('is none with %s', (_, change) => {
    expect(decisionSignatureType.readClaims({ ...statement, ...change })).toBeUndefined()
    expect(decisionType.readClaims({ ...decision, statement: { ...statement, ...change } })).toBeUndefined()
  })

  it('has room for the longest reasons in any script, twice', () => {
    const longest = { ...statement, reasons: '語'.repeat(8000), gives: '語'.repeat(2000) }
    const signature = signed(decisionSignatureType as TokenType<unknown>, longest)
    const compact = signed(decisionType as TokenType<unknown>, { ...decision, statement: longest, signature })
    expect(checkToken(compact, decisionType, expected)).toMatchObject({ statement: longest })
  })

  it('is written in one way alone', () => {
    const { iss, ...rest } = statement
    expect(canonicalJson({ ...rest, iss })).toEqual(canonicalJson(statement))
  })
})
