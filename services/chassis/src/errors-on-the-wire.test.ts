import { Metadata } from '@grpc/grpc-js'
import { ErrorInfo, Status } from '@unefois/proto/gen/google/rpc/status'
import { grpcStatus } from '@unefois/proto/reason-entry'
import { MeshError, type Reason, reasons } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { because } from './contract.fixture.js'
import { fromGrpcError, fromTextRefusal, parseTextRefusal, toGrpcError, toTextRefusal } from './errors-on-the-wire.js'

const all = Object.keys(reasons) as Reason[]
const details = (bytes: Uint8Array): { code: number; metadata: Metadata } => {
  const metadata = new Metadata()
  metadata.set('grpc-status-details-bin', Buffer.from(bytes))
  return { code: grpcStatus.INTERNAL, metadata }
}
const statusWith = (info: Partial<ErrorInfo>, typeUrl = 'type.googleapis.com/google.rpc.ErrorInfo'): Uint8Array =>
  Status.encode({
    code: 13,
    message: '',
    details: [
      { typeUrl, value: Buffer.from(ErrorInfo.encode({ reason: '', domain: '', metadata: {}, ...info }).finish()) },
    ],
  }).finish()

describe('a refusal over gRPC', () => {
  it.each(all)('%s arrives as it was sent, with its status and facts, without its cause', (reason) => {
    const sent = new MeshError(reason, { facts: { field: 'a.b', required_acr: 'eidas2' }, cause: new Error('secret') })
    const wire = toGrpcError(sent)
    expect(wire.code).toBe(grpcStatus[reasons[reason].grpc])
    expect(wire.message).toContain(reasons[reason].title)
    expect(JSON.stringify(wire.metadata.toJSON())).not.toContain(Buffer.from('secret').toString('base64').slice(0, 6))
    expect(fromGrpcError(wire)).toMatchObject(because(reason, { field: 'a.b', required_acr: 'eidas2' }))
  })

  it.each<[string, Uint8Array]>([
    ['details that are no protobuf', Buffer.from([255, 255, 255])],
    [
      'details without ErrorInfo',
      statusWith({ reason: 'TOKEN_EXPIRED', domain: 'unefois' }, 'type.googleapis.com/other'),
    ],
    ["another domain's reason", statusWith({ reason: 'TOKEN_EXPIRED', domain: 'elsewhere' })],
    ['a reason outside the list', statusWith({ reason: 'MADE_UP', domain: 'unefois' })],
    ['a name of every object', statusWith({ reason: 'constructor', domain: 'unefois' })],
  ])('is INTERNAL when a foreign server sends %s', (_, bytes) => {
    expect(fromGrpcError(details(bytes))).toMatchObject(because('INTERNAL'))
  })

  it.each([
    [grpcStatus.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
    [grpcStatus.UNAVAILABLE, 'UNAVAILABLE'],
    [grpcStatus.UNIMPLEMENTED, 'METHOD_UNKNOWN'],
    [grpcStatus.RESOURCE_EXHAUSTED, 'REQUEST_TOO_LARGE'],
    [grpcStatus.PERMISSION_DENIED, 'INTERNAL'],
    [undefined, 'INTERNAL'],
  ])('without a reason of ours, status %s reads as %s', (code, reason) => {
    expect(fromGrpcError(code === undefined ? {} : { code })).toMatchObject(because(reason))
  })
})

describe('a refusal in text', () => {
  it.each(all)('%s arrives as it was sent', (reason) => {
    const sent = new MeshError(reason, { facts: { field: 'é\r\nx: y' }, cause: 'secret' })
    const text = JSON.stringify(toTextRefusal(sent))
    expect(text).not.toMatch(/secret|\r|\n/)
    expect(parseTextRefusal(text)).toMatchObject(because(reason, { field: 'é\r\nx: y' }))
  })

  it.each([
    '',
    '{',
    'null',
    '[]',
    '"TOKEN_EXPIRED"',
    '{"reason":1,"facts":{}}',
    '{"reason":"TOKEN_EXPIRED","facts":{"a":1}}',
  ])('is INTERNAL when it reads %s', (text) => {
    expect(parseTextRefusal(text)).toMatchObject(because('INTERNAL', {}))
  })

  it('is INTERNAL when its reason is outside the list', () => {
    expect(fromTextRefusal({ reason: 'toString', facts: { a: 'b' } })).toMatchObject(because('INTERNAL', {}))
  })
})
