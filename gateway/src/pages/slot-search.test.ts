import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chosenSlotIn, slotValue } from './slot-choice.js'
import { distances, type SlotSearch, searchIn, searchInText, searchQuery } from './slot-search.js'

describe('a search in an address', () => {
  it.each([
    [
      {
        place: 'Town Hall',
        km: '7',
        channel: 'fax',
        access: ['lift'],
        language: 'x y',
        units: '11',
        accompanied: 'on',
      },
    ],
    [{ place: ['a', 'b'], units: 'many', access: { a: 1 }, after: 7, from: null }],
    [{}],
  ])('leaves out what it does not have: %j', (query) => {
    expect(searchIn(query)).toEqual({
      placeId: '',
      commune: '',
      kilometres: 20,
      channel: undefined,
      accessibility: [],
      language: '',
      isAccompanied: false,
      units: 1,
      fromDay: '',
      dates: [],
      after: '',
    })
  })

  it('is the same search when it is read again, but for its page', () => {
    const searches: fc.Arbitrary<SlotSearch> = fc.record({
      placeId: fc.constantFrom('', 'town-hall'),
      commune: fc.constantFrom('', '93066', '2A004', 'Paris & co=1'),
      kilometres: fc.constantFrom(...distances),
      channel: fc.constantFrom(undefined, 'counter' as const, 'home-visit' as const),
      accessibility: fc.constantFrom([], ['wheelchair' as const], ['wheelchair' as const, 'quiet-room' as const]),
      language: fc.constantFrom('', 'fsl'),
      isAccompanied: fc.boolean(),
      units: fc.integer({ min: 1, max: 10 }),
      fromDay: fc.constantFrom('', '2026-11-24', 'tomorrow'),
      dates: fc.constantFrom([], ['a~1~counter~p'], ['a~1~counter~p', 'b & c~2', 'a~1~counter~p']),
      after: fc.constant(''),
    })
    fc.assert(
      fc.property(searches, (search) => {
        const read = searchInText(searchQuery(search).toString())
        expect(read).toEqual({ ...search, kilometres: search.commune === '' ? 20 : search.kilometres })
      }),
    )
  })
})

describe('a slot that a button stands for', () => {
  it.each(['', 'a', 'a~b~counter~p', 'A~1~counter~p', 'a~1~fax~p', 'a~1~counter~p~q', `a~${'1'.repeat(16)}~counter~p`])(
    'is not %j',
    (value) => {
      expect(() => chosenSlotIn(value)).toThrow(expect.objectContaining({ reason: 'REQUEST_INVALID' }))
    },
  )

  it('is the slot that was shown', () => {
    const chosen = {
      scheduleId: 'counter-1',
      startsAtMs: 1_795_509_000_000,
      channel: 'home-visit',
      placeId: 'p',
      company: 'alone',
    } as const
    for (const company of ['alone', 'group'] as const)
      expect(chosenSlotIn(slotValue({ ...chosen, company }))).toEqual({ ...chosen, company })
  })
})
