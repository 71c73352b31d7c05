import fc from 'fast-check'
import { CompactEncrypt, CompactSign, compactDecrypt, compactVerify, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { EphemeralKeys } from './ephemeral-keys.js'
import type { MemberId } from './ids.js'
import { encryptTo } from './jwe.js'
import { generateKeyPair, importPrivateKey, registerPublicKey } from './keys.js'
import { type ReplyOutcome, Sealer } from './sealed.js'
import { maxSealedBytes, sealedReply, sealedRequest } from './sealed-types.js'
import { type KeyOf, signToken } from './token.js'

const party = (name: string) => {
  const sign = generateKeyPair('sign', `${name}-sign`)
  const seal = generateKeyPair('seal', `${name}-seal`)
  const member = name as MemberId
  const signKey = importPrivateKey(sign.privateJwk)
  const own = { member, service: 'documents', signKey, sealKeys: [importPrivateKey(seal.privateJwk)] }
  return {
    member,
    sign,
    seal,
    signKey,
    verifyKey: registerPublicKey(sign.publicJwk),
    sealKey: registerPublicKey(seal.publicJwk),
    sealer: new Sealer(own),
  }
}
const [requester, provider, stranger] = [party('requester'), party('provider'), party('stranger')]
const parties = [requester, provider, stranger]
const keyOf: KeyOf = (issuer, kid) =>
  parties.find(({ member }) => member === issuer)?.[kid === `${issuer}-sign` ? 'verifyKey' : 'sealKey']
const nowSeconds = 1_800_000_000
const expected = { keyOf, nowSeconds }
const method = 'unefois.documents.v1.DocumentsService/ReleaseEvidence'
const body = Buffer.from('protobuf')
const reason = (name: string) => expect.objectContaining({ reason: name })

const request = (change = {}, from = requester, to = provider) =>
  from.sealer.sealRequest({ to, method, body, deadlineMs: 1500.9, jti: 'j1', nowSeconds, ...change })
const reply = (to: { message: string }, outcome: ReplyOutcome = { status: 'ok', body }, by = provider) =>
  by.sealer.sealReply(provider.sealer.checkRequest(to.message, expected), {
    sealKey: requester.sealKey,
    outcome,
    nowSeconds,
  })

const requestClaims = {
  iss: requester.member,
  svc: 'documents',
  aud: provider.member,
  method,
  jti: 'j1',
  iat: nowSeconds,
  exp: nowSeconds + 60,
  deadline_ms: 1000,
  body: body.toString('base64url'),
}
/** Any JWS of any sender, encrypted to the provider by whoever has it. */
const envelop = (jws: string, to = provider) =>
  encryptTo(to.sealKey, Buffer.from(jws), { cty: 'JWT', ephemerals: new EphemeralKeys(), nowSeconds })
const forge = async (change: object, typ = 'sealed-request+jws', by = requester, to = provider) =>
  envelop(
    await new CompactSign(Buffer.from(JSON.stringify({ ...requestClaims, ...change })))
      .setProtectedHeader({ alg: 'EdDSA', kid: `${by.member}-sign`, typ })
      .sign(by.signKey.key),
    to,
  )

describe('opening a request', () => {
  const check = (message: string) => provider.sealer.checkRequest(message, expected)

  it.each<[string, object]>([
    ['a method that is no gRPC name', { method: '../ReleaseEvidence' }],
    ['no method', { method: undefined }],
    ['a service that is no name', { svc: 'a.b' }],
    ['no time left', { deadline_ms: 0 }],
    ['a deadline that is text', { deadline_ms: '1000' }],
    ['no body', { body: undefined }],
    ['a jti that could be read in two ways', { jti: 'a b' }],
    ['a longer life than 60 s', { exp: nowSeconds + 61 }],
    ['no expiry', { exp: undefined }],
  ])('refuses %s', async (_, change) => {
    const message = await forge(change)
    expect(() => check(message)).toThrow(reason('TOKEN_CLAIMS_INVALID'))
  })

  it('refuses a body in a second spelling', async () => {
    const message = await forge({ body: `${requestClaims.body}=` })
    expect(() => check(message)).toThrow(reason('TOKEN_MALFORMED'))
  })

  it('refuses a signature of one member over the name of another', async () => {
    const message = await forge({}, 'sealed-request+jws', stranger)
    expect(() => check(message)).toThrow(reason('TOKEN_KEY_UNKNOWN'))
  })

  it('refuses the request of another member, forwarded under a fresh seal', () => {
    const forOther = signToken(sealedRequest, { ...requestClaims, aud: stranger.member }, requester.signKey)
    expect(() => check(envelop(forOther))).toThrow(reason('TOKEN_AUDIENCE_WRONG'))
  })

  it('refuses a reply in the place of a request', async () => {
    const message = await forge({}, 'sealed-reply+jws')
    expect(() => check(message)).toThrow(reason('TOKEN_TYPE_WRONG'))
  })

  it('refuses what was sealed to another member', () => {
    expect(() => check(request({}, requester, stranger).message)).toThrow(reason('TOKEN_KEY_UNKNOWN'))
  })

  it('refuses a message in the clear and one signed without a seal', () => {
    const jws = signToken(sealedRequest, requestClaims, requester.signKey)
    expect(() => check(jws)).toThrow(reason('TOKEN_MALFORMED'))
    expect(() => check(JSON.stringify(requestClaims))).toThrow(reason('TOKEN_MALFORMED'))
  })

  it('refuses a request after its minute and the skew', () => {
    const { message } = request()
    expect(() => provider.sealer.checkRequest(message, { keyOf, nowSeconds: nowSeconds + 120 })).toThrow(
      reason('TOKEN_EXPIRED'),
    )
  })

  it('refuses more than 256 kB before it decrypts anything', () => {
    expect(() => check('x'.repeat(maxSealedBytes + 1))).toThrow(reason('REQUEST_TOO_LARGE'))
  })

  it('refuses the second delivery, also under a fresh seal, and keeps the store unaware of forgeries', async () => {
    const seen = new Set<string>()
    const accept = async (issuer: string, jti: string, until: number) => {
      expect(until).toBe(nowSeconds + 120)
      return !seen.has(`${issuer} ${jti}`) && seen.add(`${issuer} ${jti}`).size > 0
    }
    const open = (message: string) => provider.sealer.openRequest(message, { ...expected, replay: { accept } })
    await expect(open(await forge({}, 'sealed-request+jws', stranger))).rejects.toThrow(reason('TOKEN_KEY_UNKNOWN'))
    expect(seen.size).toBe(0)
    const { proof } = await open(request().message)
    await expect(open(request().message)).rejects.toThrow(reason('TOKEN_REPLAYED'))
    await expect(open(envelop(proof))).rejects.toThrow(reason('TOKEN_REPLAYED'))
  })

  it('gives the receiver all that was said, and proof of it', () => {
    const sent = request()
    const opened = check(sent.message)
    expect(opened).toMatchObject({
      sender: 'requester',
      senderService: 'documents',
      method,
      jti: 'j1',
      issuedAtSeconds: nowSeconds,
      expiresAtSeconds: nowSeconds + 60,
      deadlineMs: 1500,
      body,
      sha256: sent.sha256,
    })
    expect(opened.proof).toBe(signToken(sealedRequest, { ...requestClaims, deadline_ms: 1500 }, requester.signKey))
  })
})

describe('opening a reply', () => {
  const sent = request()
  const open = (message: string, to: Parameters<Sealer['openReply']>[1] = sent) =>
    requester.sealer.openReply(message, to, expected)

  it('refuses the reply to another request, even one of the same jti', () => {
    expect(() => open(reply(request({ jti: 'j2' })))).toThrow(reason('REPLY_MISMATCH'))
    expect(() => open(reply(request()))).toThrow(reason('REPLY_MISMATCH'))
  })

  it('refuses the reply of another member, properly signed', () => {
    const { sha256 } = sent
    const message = stranger.sealer.sealReply(
      { sender: requester.member, jti: 'j1', sha256 },
      { sealKey: requester.sealKey, outcome: { status: 'ok', body }, nowSeconds },
    )
    expect(() => open(message)).toThrow(reason('REPLY_MISMATCH'))
  })

  it('refuses the reply meant for another member, sealed to us', () => {
    const message = provider.sealer.sealReply(
      { sender: stranger.member, jti: sent.jti, sha256: sent.sha256 },
      { sealKey: requester.sealKey, outcome: { status: 'ok', body }, nowSeconds },
    )
    expect(() => open(message)).toThrow(reason('TOKEN_AUDIENCE_WRONG'))
  })

  it('refuses a request reflected as its own reply', () => {
    const mine = signToken(sealedRequest, { ...requestClaims, aud: requester.member }, requester.signKey)
    expect(() => open(envelop(mine, requester))).toThrow(reason('TOKEN_TYPE_WRONG'))
  })

  it.each<[string, object]>([
    ['an unknown status', { status: 'maybe' }],
    ['an error without a reason', { status: 'error', body: undefined }],
    ['an error with a body', { status: 'error', reason: 'INTERNAL' }],
    ['success with a reason', { reason: 'INTERNAL' }],
    ['success without a body', { body: undefined }],
    ['facts that are not text', { status: 'error', reason: 'INTERNAL', body: undefined, facts: { a: 1 } }],
  ])('refuses %s', async (_, change) => {
    const claims = { status: 'ok', req: 'j1', req_sha256: sent.sha256, iss: provider.member, aud: requester.member }
    const message = await forge({ ...claims, ...change }, 'sealed-reply+jws', provider, requester)
    expect(() => open(message)).toThrow(reason('TOKEN_CLAIMS_INVALID'))
  })

  it('reads a reason newer than its own list as INTERNAL', async () => {
    const claims = { status: 'error', req: 'j1', req_sha256: sent.sha256, iss: provider.member, aud: requester.member }
    const change = { ...claims, body: undefined, reason: 'MOON_IN_THE_WAY', facts: { moon: 'full' } }
    const message = await forge(change, 'sealed-reply+jws', provider, requester)
    expect(open(message)).toMatchObject({ status: 'error', reason: 'INTERNAL', facts: {} })
  })

  it('gives back the body, or the reason with its facts, and proof', () => {
    expect(open(reply(sent))).toMatchObject({ status: 'ok', body, proof: expect.stringMatching(/^ey/) })
    const message = provider.sealer.sealReply(provider.sealer.checkRequest(sent.message, expected), {
      sealKey: requester.sealKey,
      outcome: { status: 'error', reason: 'CONSENT_REVOKED', facts: { basis: 'b1' } },
      nowSeconds,
    })
    expect(open(message)).toMatchObject({ status: 'error', reason: 'CONSENT_REVOKED', facts: { basis: 'b1' } })
  })
})

describe('sealing', () => {
  it('refuses a body that does not fit into 256 kB, in both directions', () => {
    expect(() => request({ body: Buffer.alloc(250_000) })).toThrow(reason('REQUEST_TOO_LARGE'))
    expect(() => reply(request(), { status: 'ok', body: Buffer.alloc(250_000) })).toThrow(reason('REQUEST_TOO_LARGE'))
  })

  it('answers every size with a message within the limit or REQUEST_TOO_LARGE, and opens what it made', () => {
    for (let size = 108_000; size < 111_000; size += 50) {
      try {
        const { message } = request({ body: Buffer.alloc(size) })
        expect(message.length).toBeLessThanOrEqual(maxSealedBytes)
        expect(provider.sealer.checkRequest(message, expected).body.length).toBe(size)
      } catch (thrown) {
        expect(thrown).toEqual(reason('REQUEST_TOO_LARGE'))
        expect(size).toBeGreaterThan(108_000)
      }
    }
  })

  it('refuses to sign a request that the receiver would refuse', () => {
    expect(() => request({ deadlineMs: 0 })).toThrow(TypeError)
    expect(() => request({ method: 'ReleaseEvidence' })).toThrow(TypeError)
  })

  it('round-trips any body', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        const sent = request({ body: bytes })
        const opened = provider.sealer.checkRequest(sent.message, expected)
        expect(opened.body).toEqual(Buffer.from(bytes))
        const answer = reply(sent, { status: 'ok', body: opened.body })
        expect(requester.sealer.openReply(answer, sent, expected)).toMatchObject({ body: opened.body })
      }),
      { numRuns: 30 },
    )
  })

  it('makes messages that jose opens', async () => {
    const opened = await compactDecrypt(request().message, await importJWK({ ...provider.seal.privateJwk }, 'ECDH-ES'))
    const verified = await compactVerify(opened.plaintext, await importJWK({ ...requester.sign.publicJwk }, 'EdDSA'))
    expect(JSON.parse(Buffer.from(verified.payload).toString())).toEqual({ ...requestClaims, deadline_ms: 1500 })
  })

  it('opens messages that jose makes', async () => {
    const claims = { ...requestClaims, iss: provider.member, aud: requester.member }
    const { method: _, svc, jti, deadline_ms, ...rest } = claims
    const sent = request()
    const jws = await new CompactSign(
      Buffer.from(JSON.stringify({ ...rest, req: sent.jti, req_sha256: sent.sha256, status: 'ok' })),
    )
      .setProtectedHeader({ alg: 'EdDSA', kid: 'provider-sign', typ: 'sealed-reply+jws' })
      .sign(await importJWK({ ...provider.sign.privateJwk }, 'EdDSA'))
    const message = await new CompactEncrypt(Buffer.from(jws))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'requester-seal', cty: 'JWT' })
      .encrypt(await importJWK({ ...requester.seal.publicJwk }, 'ECDH-ES'))
    expect(requester.sealer.openReply(message, sent, expected)).toMatchObject({ status: 'ok', body })
  })

  it('declares both types with a pinned algorithm and a minute of life', () => {
    for (const type of [sealedRequest, sealedReply]) {
      expect(type).toMatchObject({ algorithms: ['EdDSA'], maxLifetimeSeconds: 60, expires: 'required' })
    }
  })
})
