import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as grpc from '@grpc/grpc-js'
import { fromGrpcError } from '@unefois/chassis/errors-on-the-wire'
import type { Places } from '@unefois/deploy/sandbox/places'
import { RecordNoticeRequest } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { DeclareEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { refusalOf } from './_refusals.js'
import { evidenceType, Resident, told, town } from './_resident.js'
import { restOf } from './_rest.js'

let places: Places
let resident: Resident
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
})
afterAll(() => resident.leave())

const tokenFor = async (scope: string): Promise<string> => (await resident.town.call(scope)).accessToken as string
const notice = () => resident.notice()

describe('bytes at the gRPC door', () => {
  const rpc = 'unefois.consent.v1.ConsentService/RecordNotice'
  /** A call as any gRPC library could make it. */
  const send = async (body: Buffer, options: object = { deadline: Date.now() + 5000 }, headers: object = {}) => {
    const { address, authority } = places.grpc(town, 'consent')
    const client = new grpc.Client(address, grpc.credentials.createSsl(readFileSync(authority)))
    const metadata = new grpc.Metadata()
    const sent = {
      authorization: `Bearer ${await tokenFor('notice:write')}`,
      'idempotency-key': randomUUID(),
      ...headers,
    }
    for (const [name, value] of Object.entries(sent)) if (value !== undefined) metadata.set(name, value)
    const call = () =>
      new Promise((resolve, reject) =>
        client.makeUnaryRequest(
          `/${rpc}`,
          (bytes: Buffer) => bytes,
          (bytes: Buffer) => bytes,
          body,
          metadata,
          options,
          (error, response) => (error ? reject(fromGrpcError(error)) : resolve(response)),
        ),
      )
    return refusalOf(rpc, call).finally(() => client.close())
  }
  const encoded = (changes: Partial<RecordNoticeRequest> = {}): Buffer =>
    Buffer.from(RecordNoticeRequest.encode(resident.notice(changes)).finish())

  it('are refused without a deadline, and when too little of one is left', async () => {
    expect(await send(encoded(), {})).toBe('DEADLINE_MISSING')
    expect(await send(encoded(), { deadline: Date.now() - 1 })).toBe('DEADLINE_EXCEEDED')
  })

  it.each<[string, Buffer]>([
    ['cut short', Buffer.from([0x0a, 0x7f])],
    ['of a wire type that does not exist', Buffer.from([0x0f])],
    [
      'with a length beyond all bounds',
      Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    ],
  ])('%s are refused', async (_, body) => {
    expect(await send(body)).toBe('REQUEST_MALFORMED')
  })

  it('are refused above 256 kB, before they are decoded', async () => {
    expect(await send(Buffer.concat([encoded(), Buffer.alloc(256 * 1024)]))).toBe('REQUEST_TOO_LARGE')
  })

  it('are refused without what the contract asks for, and with an enum that says nothing', async () => {
    expect(await send(Buffer.alloc(0))).toBe('REQUEST_INVALID')
    expect(await send(encoded({ channel: 0 }))).toBe('REQUEST_INVALID')
  })

  it('are refused without an idempotency key, and with one that is none', async () => {
    expect(await send(encoded(), undefined, { 'idempotency-key': undefined })).toBe('IDEMPOTENCY_KEY_MISSING')
    expect(await send(encoded(), undefined, { 'idempotency-key': 'short' })).toBe('REQUEST_INVALID')
  })

  it('are refused under an idempotency key that came with others', async () => {
    const key = { 'idempotency-key': randomUUID() }
    expect(await send(encoded(), undefined, key)).toBe('nothing')
    expect(await send(encoded(), undefined, key)).toBe('nothing')
    expect(await send(encoded({ language: 'en' }), undefined, key)).toBe('IDEMPOTENCY_KEY_REUSED')
  })
})

describe('a retry that is evaluated again', () => {
  it('is refused when its idempotency key came with another request', async () => {
    const basisId = await resident.tell()
    const call = await resident.town.call('evidence:request')
    const ask = (fields: string[]) =>
      refusalOf('unefois.documents.v1.DocumentsService/RequestEvidence', () =>
        resident.town.documents.requestEvidence(resident.wish(basisId, { fields }), call),
      )
    expect(await ask(['quotient_familial.valeur'])).toBe('nothing')
    expect(await ask(['quotient_familial.mois'])).toBe('IDEMPOTENCY_KEY_REUSED')
  })
})

describe('evidence that is declared', () => {
  const declare = async (changes: Partial<DeclareEvidenceRequest>) => {
    const request: DeclareEvidenceRequest = {
      subject: resident.subject,
      evidenceType,
      valueJson: '{}',
      asOfMs: Date.now() - 1000,
      related: [],
      supersedesVersion: 0,
      ...changes,
    }
    const call = await resident.town.call('evidence:declare')
    return refusalOf('unefois.documents.v1.DocumentsService/DeclareEvidence', () =>
      resident.town.documents.declareEvidence(request, call),
    )
  }

  it.each<[string, Partial<DeclareEvidenceRequest>, string]>([
    ['that its schema does not accept', { valueJson: '{"quotient_familial":{"valeur":"a lot"}}' }, 'EVIDENCE_INVALID'],
    ['that is not JSON', { valueJson: '{"quotient_familial":' }, 'EVIDENCE_INVALID'],
    ['of a type that nobody provides', { evidenceType: 'horoscope' }, 'EVIDENCE_TYPE_UNKNOWN'],
    ['of tomorrow', { asOfMs: Date.now() + 86_400_000 }, 'REQUEST_INVALID'],
    ['about nobody', { subject: 'claire' }, 'REQUEST_INVALID'],
  ])('%s is refused', async (_, changes, reason) => {
    expect(await declare(changes)).toBe(reason)
  })
})

describe('a body at the REST door', () => {
  const path = '/v1/notices'
  const body = () => {
    const { subject, provider, purpose, evidenceTypes, textVersion, language } = notice()
    return { subject, provider, purpose, evidenceTypes, textVersion, language, channel: 'counter' }
  }
  const post = async (sent: unknown, headers: Record<string, string> = {}) =>
    restOf(places, town, { path, token: await tokenFor('notice:write'), body: sent, headers })

  it.each<[string, string]>([
    ['cut short', '{"subject":'],
    ['that is a list', '[]'],
    ['with a name twice', '{"subject":"a","subject":"b"}'],
    ['with __proto__', '{"__proto__":{"provider":"caf"}}'],
    ['deeper than 16 levels', `{"a":${'['.repeat(16)}${']'.repeat(16)}}`],
    ['so deep that a parser would break', `{"a":${'['.repeat(60_000)}${']'.repeat(60_000)}}`],
    ['that is empty', ''],
  ])('%s is refused', async (_, sent) => {
    expect(await post(sent)).toMatchObject({ status: 400, reason: 'REQUEST_MALFORMED' })
  })

  it('above 256 kB is refused', async () => {
    const answer = await post({ ...body(), language: 'f'.repeat(256 * 1024) })
    expect(answer).toMatchObject({ status: 413, reason: 'REQUEST_TOO_LARGE' })
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'application/jsonp'])(
    'of type %s is refused',
    async (type) => {
      const answer = await post(JSON.stringify(body()), { 'content-type': type })
      expect(answer).toMatchObject({ status: 415, reason: 'CONTENT_TYPE_UNSUPPORTED' })
    },
  )

  it.each<[string, object, string]>([
    ['a field too many', { admin: true }, 'admin'],
    ['a channel that does not exist', { channel: 'pigeon' }, 'channel'],
    ['a channel that says nothing', { channel: 'unspecified' }, 'channel'],
    ['no provider', { provider: undefined }, 'provider'],
    ['a text that is no longer in force', { textVersion: '2020-01-01' }, 'textVersion'],
  ])('with %s is refused, and the field is named', async (_, changes, field) => {
    const answer = await post({ ...body(), ...changes })
    expect(answer).toMatchObject({ status: 400, reason: 'REQUEST_INVALID', body: { facts: { field } } })
  })

  it('is refused without an idempotency key, and under one that came with another body', async () => {
    expect(await post(body(), { 'idempotency-key': '' })).toMatchObject({ reason: 'IDEMPOTENCY_KEY_MISSING' })
    const key = { 'idempotency-key': randomUUID() }
    expect(await post(body(), key)).toMatchObject({ status: 201 })
    expect(await post({ ...body(), language: 'en' }, key)).toMatchObject({
      status: 422,
      reason: 'IDEMPOTENCY_KEY_REUSED',
    })
  })

  it('of an exchange is refused as at the gRPC door', async () => {
    const token = await tokenFor('evidence:request')
    const exchange = { ...resident.wish(await resident.tell()), purpose: 'curiosity' }
    const answer = await restOf(places, town, { path: '/v1/exchanges', token, body: exchange })
    expect(answer).toMatchObject({ status: 403, reason: 'PURPOSE_NOT_AUTHORISED' })
    const missing = await restOf(places, town, {
      path: '/v1/exchanges',
      token,
      body: { ...exchange, purpose: told, fields: ['adresse'] },
    })
    expect(missing).toMatchObject({ status: 403, reason: 'FIELD_NOT_AUTHORISED' })
  })

  it('is not read where there is no such operation', async () => {
    expect(await restOf(places, town, { path: '/v1/everything', body: {} })).toMatchObject({ reason: 'METHOD_UNKNOWN' })
    const token = await tokenFor('evidence:request')
    const portals = await restOf(places, town, { method: 'GET', path: '/v1/me/accesses', token })
    expect(portals).toMatchObject({ status: 404, reason: 'METHOD_UNKNOWN' })
  })
})
