import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { returnPath } from './return-path.js'

const publicUrl = 'https://hall.test'

describe('the way back after a login', () => {
  it.each([
    'https://evil.test/',
    '//evil.test',
    '/\\evil.test',
    '/\t/evil.test',
    '\\\\evil.test',
    'javascript:alert(1)',
    '/a\r\nSet-Cookie: x=y',
    '/.//evil.test',
    '/%2e//evil.test',
    'hall.test',
    '',
    ['/', '/'],
    `/${'a'.repeat(3000)}`,
  ])('refuses %j', (given) => {
    expect(() => returnPath(given, publicUrl)).toThrow(expect.objectContaining({ reason: 'REQUEST_INVALID' }))
  })

  it('never leads to another origin, whatever it is given', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2f',
      '%5c',
      '@',
      ':',
      '?',
      '#',
      'evil.test',
      '\t',
      ' ',
      'https:',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        let path = '/'
        try {
          path = returnPath(`/${pieces.join('')}`, publicUrl)
        } catch {}
        expect(new URL(path, publicUrl).origin).toBe(publicUrl)
        expect(path).toMatch(/^\/(?![/\\])/)
      }),
    )
  })

  it('keeps path and query, and does not come back to a login', () => {
    expect(returnPath('/consent/r1?lang=en', publicUrl)).toBe('/consent/r1?lang=en')
    expect(returnPath('/logout', publicUrl)).toBe('/')
    expect(returnPath(undefined, publicUrl)).toBe('/')
  })
})
