import { describe, expect, it } from 'vitest'
import { grpcStatus } from './reason-entry.js'
import { isReason, MeshError, type Reason, reasons, toMeshError } from './reasons.js'

const all = Object.entries(reasons) as [Reason, (typeof reasons)[Reason]][]
/** The mapping of google.rpc.Code to HTTP, where our own choice is not more precise. */
const httpOf: Record<string, readonly number[]> = {
  CANCELLED: [499],
  INVALID_ARGUMENT: [400, 415, 422],
  DEADLINE_EXCEEDED: [504],
  NOT_FOUND: [404],
  ALREADY_EXISTS: [409],
  PERMISSION_DENIED: [403],
  RESOURCE_EXHAUSTED: [413, 429],
  FAILED_PRECONDITION: [409, 410, 412, 422, 500],
  ABORTED: [409],
  UNIMPLEMENTED: [404, 501],
  INTERNAL: [500, 502],
  UNAVAILABLE: [503],
  UNAUTHENTICATED: [401],
}

describe('the list of reasons', () => {
  it.each(['constructor', '__proto__', 'toString', 'token_missing', '', 'MADE_UP'])('does not have %s', (name) => {
    expect(isReason(name)).toBe(false)
  })

  it.each(all)('has %s whole: status, HTTP, what went wrong, what to do next', (name, { grpc, http, title, next }) => {
    expect(isReason(name)).toBe(true)
    expect(name).toMatch(/^[A-Z]+(_[A-Z]+)*$/)
    expect(grpcStatus[grpc]).toBeGreaterThan(0)
    expect(httpOf[grpc]).toContain(http)
    for (const sentence of [title, next]) expect(sentence).toMatch(/^[A-Z][^\n]{8,160}\.$/)
  })

  it('says something of its own for each', () => {
    expect(new Set(all.map(([, { title }]) => title)).size).toBe(all.length)
  })

  it('knows the gRPC codes by their numbers', () => {
    expect(grpcStatus).toMatchObject({ INVALID_ARGUMENT: 3, RESOURCE_EXHAUSTED: 8, INTERNAL: 13, UNAUTHENTICATED: 16 })
    expect(new Set(Object.values(grpcStatus)).size).toBe(Object.keys(grpcStatus).length)
  })
})

describe('a MeshError', () => {
  it('says its title and detail, and keeps the cause to itself', () => {
    const cause = new Error('row 17')
    const error = new MeshError('REQUEST_INVALID', { detail: 'Field a.', cause, facts: { field: 'a' } })
    expect(error.message).toBe(`${reasons.REQUEST_INVALID.title} Field a.`)
    expect(error.cause).toBe(cause)
    expect(JSON.stringify(error)).not.toContain('row 17')
    expect(new MeshError('INTERNAL').cause).toBeUndefined()
  })

  it('has facts that nobody changes afterwards', () => {
    const facts = { field: 'a' }
    const error = new MeshError('REQUEST_INVALID', { facts })
    facts.field = 'b'
    expect(error.facts).toEqual({ field: 'a' })
    expect(Object.isFrozen(error.facts)).toBe(true)
  })

  it('is INTERNAL for whatever else was thrown', () => {
    const known = new MeshError('TOKEN_EXPIRED')
    expect(toMeshError(known)).toBe(known)
    for (const thrown of [new Error('no'), 'no', undefined, null, { reason: 'TOKEN_EXPIRED' }])
      expect(toMeshError(thrown)).toMatchObject({ reason: 'INTERNAL', message: reasons.INTERNAL.title })
  })
})
