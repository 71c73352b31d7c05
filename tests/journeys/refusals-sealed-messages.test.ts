import { randomBytes } from 'node:crypto'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { ReleaseEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answersTo, expectedOf, turnedAway } from './_answers.js'
import { sharedFederation } from './_federation.js'
import {
  compactOf,
  encryptedTo,
  forgeriesOf,
  keyAt,
  kidAt,
  nowSeconds,
  type Original,
  withClaims,
} from './_forgeries.js'
import { HostileMember } from './_raw-callers.js'
import { refusalOf } from './_refusals.js'
import { encodeRelease, releaseMethod, releaseOf, sendRelease } from './_release.js'
import { exchangeId, fund, Resident, stranger, town } from './_resident.js'

let places: Places
let resident: Resident
let honest: ReleaseEvidenceRequest
let sender: HostileMember
let other: HostileMember
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  honest = await releaseOf(resident, await resident.tell())
  sender = await HostileMember.connect(places, town, 'documents')
  other = await HostileMember.connect(places, stranger, 'documents')
})
afterAll(async () => {
  resident.leave()
  await Promise.all([sender.close(), other.close()])
})

const signKey = (member: string, service: 'documents' | 'consent' = 'documents'): string =>
  places.keys(member).sealed.get(service)?.sign.path ?? ''

/** A request as the town's documents service signs it, its body a release that would succeed. */
const original = (): Original => {
  const iat = nowSeconds()
  return {
    header: { alg: 'EdDSA', kid: kidAt(signKey(town)), typ: 'sealed-request+jws' },
    claims: {
      iss: town,
      svc: 'documents',
      aud: fund,
      method: releaseMethod,
      jti: randomBytes(16).toString('base64url'),
      iat,
      exp: iat + 60,
      deadline_ms: 5000,
      body: Buffer.from(encodeRelease({ ...honest, exchangeId: exchangeId() })).toString('base64url'),
    },
    key: keyAt(signKey(town)),
  }
}
const send = (message: string, from = sender): Promise<string> =>
  refusalOf('unefois.documents.v1.DocumentsService/ReleaseEvidence', () => from.send(fund, releaseMethod, message))
const sendSealed = (signed: string): Promise<string> => send(encryptedTo(places, fund, 'documents', signed))

describe('a sealed message', () => {
  it('is turned away in every forged, ended, early or misdirected form, counted, and on nobody’s record', async () => {
    const forgeries = forgeriesOf(original())
    const before = await turnedAway(places, fund)
    expect(await answersTo(forgeries, sendSealed)).toEqual(expectedOf(forgeries))
    expect(await turnedAway(places, fund)).toBe(before + forgeries.length)
    expect(await resident.onRecord()).toEqual([])
  })

  it('is turned away from a service that another service’s key signed for, and in another’s name', async () => {
    const { header, claims } = original()
    expect(await sendSealed(withClaims(original(), { svc: 'gateway' }))).toBe('TOKEN_KEY_UNKNOWN')
    const consent = signKey(town, 'consent')
    expect(await sendSealed(compactOf({ ...header, kid: kidAt(consent) }, claims, keyAt(consent)))).toBe(
      'TOKEN_KEY_UNKNOWN',
    )
    expect(await sendSealed(withClaims(original(), { iss: stranger }))).toBe('TOKEN_KEY_UNKNOWN')
  })

  it('is turned away for another RPC than the broker let through, and without a deadline', async () => {
    const method = 'unefois.documents.v1.DocumentsService/ListAccesses'
    expect(await sendSealed(withClaims(original(), { method }))).toBe('METHOD_UNKNOWN')
    expect(await sendSealed(withClaims(original(), { deadline_ms: undefined }))).toBe('TOKEN_CLAIMS_INVALID')
    expect(await sendSealed(withClaims(original(), { deadline_ms: 0 }))).toBe('TOKEN_CLAIMS_INVALID')
    expect(await sendSealed(withClaims(original(), { exp: nowSeconds() + 100 }))).toBe('TOKEN_CLAIMS_INVALID')
  })

  it('is turned away when it was sealed to another, not sealed, changed on the way, or too large', async () => {
    const { header, claims, key } = original()
    const signed = compactOf(header, claims, key)
    expect(await send(encryptedTo(places, stranger, 'documents', signed))).toBe('TOKEN_KEY_UNKNOWN')
    expect(await send(signed)).toBe('TOKEN_MALFORMED')
    expect(await send('')).toBe('TOKEN_MALFORMED')
    const message = encryptedTo(places, fund, 'documents', signed)
    const middle = message.lastIndexOf('.') - 20
    const changed = message[middle] === 'A' ? 'B' : 'A'
    expect(await send(`${message.slice(0, middle)}${changed}${message.slice(middle + 1)}`)).toBe(
      'TOKEN_SIGNATURE_INVALID',
    )
    expect(await send('A'.repeat(256 * 1024 + 1))).toBe('REQUEST_TOO_LARGE')
    expect(await resident.onRecord()).toEqual([])
  })

  it('is refused the second time, and the person sees that it was tried', async () => {
    const request = { ...honest, exchangeId: exchangeId() }
    const sealed = sender.raw.seal(fund, 'documents', releaseMethod, encodeRelease(request))
    const once = () => sender.send(fund, releaseMethod, sealed.message, sealed)
    expect(await refusalOf(releaseMethod, once)).toBe('nothing')
    expect(await refusalOf(releaseMethod, once)).toBe('TOKEN_REPLAYED')
    expect(await resident.onRecord(request.exchangeId)).toEqual([
      `${fund}: ${town} refused TOKEN_REPLAYED`,
      `${fund}: ${town} released`,
    ])
  })

  it('is refused from the member that captured it, on record against that member, and still good for its sender', async () => {
    const request = { ...honest, exchangeId: exchangeId() }
    const sealed = sender.raw.seal(fund, 'documents', releaseMethod, encodeRelease(request))
    expect(await send(sealed.message, other)).toBe('SENDER_MISMATCH')
    expect(await resident.onRecord(request.exchangeId)).toEqual([`${fund}: ${stranger} refused SENDER_MISMATCH`])
    expect(await refusalOf(releaseMethod, () => sender.send(fund, releaseMethod, sealed.message, sealed))).toBe(
      'nothing',
    )
  })

  it('is refused when its sender has no authorisation, whatever ticket it holds', async () => {
    const request = { ...honest, exchangeId: exchangeId() }
    expect(await sendRelease(other, request)).toBe('PURPOSE_NOT_AUTHORISED')
    expect(await resident.onRecord(request.exchangeId)).toEqual([`${fund}: ${stranger} refused PURPOSE_NOT_AUTHORISED`])
  })
})
