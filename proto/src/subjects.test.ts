import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MemberId } from './ids.js'
import { callPattern, callSubject, inboxPrefix, parseServed, serveSubject } from './subjects.js'

const caf = 'caf' as MemberId
const key = 'ABJHLOVMPA4CI6R5KLNGOB4GSLNIY7IOUPAJC4YFNDLQVIOBYQGUWVLA'
const call = { member: caf, service: 'documents', method: 'ReleaseEvidence', callerKey: key }
const badTokens = ['', '*', '>', 'a.b', 'a b', 'a\t', 'a\n', '$SYS', 'é', 'a\0', 'a\r\nPUB x 0\r\n']
const term = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/)

describe('callSubject', () => {
  it.each(badTokens)('refuses the token %j wherever it stands', (bad) => {
    for (const part of ['member', 'service', 'method', 'callerKey'])
      expect(() => callSubject({ ...call, [part]: bad })).toThrow(TypeError)
  })

  it('names provider, service, method and caller in that order', () => {
    expect(callSubject(call)).toBe(`rpc.caf.documents.ReleaseEvidence.${key}`)
  })
})

describe('callPattern', () => {
  it.each(badTokens)('refuses the token %j rather than widen the pattern', (bad) => {
    for (const part of ['member', 'service', 'callerKey'])
      expect(() => callPattern({ service: 'documents', [part]: bad })).toThrow(TypeError)
  })

  it('leaves open only what is absent', () => {
    expect(callPattern({ callerKey: key })).toBe(`rpc.*.*.*.${key}`)
    expect(callPattern({ member: caf, service: 'documents', callerKey: key })).toBe(`rpc.caf.documents.*.${key}`)
  })
})

describe('serveSubject', () => {
  it.each(badTokens)('refuses the token %j', (bad) => {
    expect(() => serveSubject(bad as MemberId, 'documents')).toThrow(TypeError)
    expect(() => serveSubject(caf, bad)).toThrow(TypeError)
    expect(() => inboxPrefix(bad)).toThrow(TypeError)
  })

  it('hears every method and every caller of one service', () => {
    expect(serveSubject(caf, 'documents')).toBe('serve.caf.documents.*.*')
  })
})

describe('parseServed', () => {
  it.each([
    '',
    `rpc.caf.documents.ReleaseEvidence.${key}`,
    'serve.caf.documents.ReleaseEvidence',
    `serve.caf.documents.ReleaseEvidence.${key}.more`,
    `serve.Not_A_Member.documents.ReleaseEvidence.${key}`,
    'serve.caf.documents.ReleaseEvidence.*',
    `serve.caf..ReleaseEvidence.${key}`,
    `serve.caf.documents.>.${key}`,
    `xserve.caf.documents.ReleaseEvidence.${key}`,
  ])('refuses %j', (subject) => {
    expect(parseServed(subject)).toBeUndefined()
  })

  it('reads back what a caller wrote', () => {
    fc.assert(
      fc.property(term, term, term, (service, method, callerKey) => {
        const sent = { member: caf, service, method, callerKey }
        expect(parseServed(callSubject(sent).replace(/^rpc/, 'serve'))).toEqual(sent)
      }),
    )
  })
})
