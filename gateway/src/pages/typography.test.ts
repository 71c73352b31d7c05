import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { typeset } from './typography.js'

describe('a text as it is printed', () => {
  it('lets no French mark stand alone at the start of a line', () => {
    expect(typeset('Oui ; non : « peut-être » ? Bien !')).toBe(
      'Oui\u202f; non\u202f: «\u202fpeut-être\u202f»\u202f? Bien\u202f!',
    )
  })

  it('keeps a telephone number, an hour and a duration whole', () => {
    expect(typeset('01 99 00 00 04, 9 h, 30 jours, 30 days')).toBe(
      '01\u00a099\u00a000\u00a000\u00a004, 9\u00a0h, 30\u00a0jours, 30\u00a0days',
    )
  })

  it('changes nothing but spaces, and changes nothing twice', () => {
    const plain = (text: string): string => text.replace(/[\u202f\u00a0]/g, ' ')
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(plain(typeset(text))).toBe(plain(text))
        expect(typeset(typeset(text))).toBe(typeset(text))
      }),
    )
  })
})
