import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ChosenLeg, chosenLegsIn, visitValue } from './joint-visit-choice.js'
import { type JointVisitSearch, jointSearchIn, jointSearchInText, jointSearchQuery } from './joint-visit-search.js'

const leg: fc.Arbitrary<ChosenLeg> = fc.record({
  member: fc.stringMatching(/^[a-z][a-z0-9-]{1,39}$/),
  scheduleId: fc.stringMatching(/^[a-z0-9-]{1,64}$/),
  serviceTypeId: fc.stringMatching(/^[a-z0-9-]{1,64}$/),
  startsAtMs: fc.integer({ min: 0, max: 9_999_999_999_999 }),
})

describe('a visit that a button stands for', () => {
  it.each([
    '',
    'hall~s~t~1',
    'hall~s~t~1.',
    'hall~s~t~1.fund~s~t',
    'hall~s~t~1.fund~s~t~x',
    'hall~s~t~01.fund~s~t~2',
    Array(5).fill('hall~s~t~1').join('.'),
  ])('is not %j', (value) => {
    expect(() => chosenLegsIn(value)).toThrow(expect.objectContaining({ reason: 'REQUEST_INVALID' }))
  })

  it('is the visit that was shown', () => {
    fc.assert(
      fc.property(fc.array(leg, { minLength: 2, maxLength: 4 }), (legs) => {
        expect(chosenLegsIn(visitValue(legs))).toEqual(legs)
      }),
    )
  })
})

describe('a search of visits in an address', () => {
  it('leaves out what it does not have', () => {
    const query = {
      place: ['a'],
      wish: [{ a: 1 }, 7, ''],
      from: null,
      accompanied: 'on',
      access: ['lift'],
      language: 'x y',
    }
    expect(jointSearchIn(query)).toEqual({
      ...{ place: '', wishes: [], fromDay: '', isAccompanied: false, accessibility: [], language: '' },
    })
  })

  it('is the same search when it is read again', () => {
    const searches: fc.Arbitrary<JointVisitSearch> = fc.record({
      place: fc.constantFrom('', 'house & home'),
      wishes: fc.uniqueArray(fc.constantFrom('hall~papers', 'fund~file', 'fund~x=1&y'), { maxLength: 3 }),
      fromDay: fc.constantFrom('', '2026-11-24', 'tomorrow'),
      isAccompanied: fc.boolean(),
      accessibility: fc.constantFrom([], ['wheelchair' as const], ['wheelchair' as const, 'quiet-room' as const]),
      language: fc.constantFrom('', 'fsl'),
    })
    fc.assert(
      fc.property(searches, (search) => {
        expect(jointSearchInText(jointSearchQuery(search).toString())).toEqual(search)
      }),
    )
  })
})
