import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { telephoneIn } from './telephone.js'

describe('a telephone number', () => {
  it.each([
    '',
    '12',
    'call me',
    '06 12 34 56',
    '06 12 34 56 78 9',
    '0012',
    '+0612345678',
    '06 12 34 56 7x',
    '++33612345678',
  ])('is not %s', (text) => {
    expect(telephoneIn(text)).toBeUndefined()
  })

  it.each([
    ['06 12 34 56 78', '+33612345678'],
    ['06.12.34.56.78', '+33612345678'],
    ['(0)1-99-00-00-04'.replace('(0)', '0'), '+33199000004'],
    ['0692 12 34 56', '+262692123456'],
    ['0690 12 34 56', '+590690123456'],
    ['0694 12 34 56', '+594694123456'],
    ['0696 12 34 56', '+596696123456'],
    ['0639 12 34 56', '+262639123456'],
    ['+44 20 7946 0000', '+442079460000'],
    ['0044 20 7946 0000', '+442079460000'],
  ])('%s is %s', (text, number) => {
    expect(telephoneIn(text)).toBe(number)
  })

  it('is in one form or none, and stays what it is when it is read again', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789 +.-'), maxLength: 20 })
    fc.assert(
      fc.property(digits, (text) => {
        const number = telephoneIn(text)
        if (number === undefined) return
        expect(number).toMatch(/^\+[1-9][0-9]{6,14}$/)
        expect(telephoneIn(number)).toBe(number)
      }),
    )
  })
})
