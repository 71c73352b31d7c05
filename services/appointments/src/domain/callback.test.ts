import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterCall, byFewest, isTelephone, mostTries, type Tried } from './callback.js'

describe('a callback', () => {
  it('takes no telephone number but an international one', () => {
    for (const wrong of [
      '',
      '0612345678',
      '+0612345678',
      '+3361234',
      '+33 612345678',
      '+33612345678901234',
      'tel:+33612345678',
    ])
      expect(isTelephone(wrong), wrong).toBe(false)
    expect(isTelephone('+33612345678')).toBe(true)
    expect(isTelephone('+262692123456')).toBe(true)
  })

  it('ends when the person was reached or after the third try in vain, and never before', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), (calls) => {
        let tried: Tried = { state: 'open', tries: 0 }
        for (const isReached of calls) if (tried.state === 'open') tried = afterCall(tried, isReached)
        const first = calls.indexOf(true)
        const reachedInTime = first >= 0 && first < mostTries
        expect(tried.state).toBe(reachedInTime ? 'reached' : calls.length >= mostTries ? 'not-reached' : 'open')
        expect(tried.tries).toBe(reachedInTime ? first + 1 : Math.min(calls.length, mostTries))
      }),
    )
  })

  it('goes to who has the fewest to call, then by id', () => {
    const candidate = (practitionerId: string, openCallbacks: number) => ({ practitionerId, openCallbacks })
    const sorted = byFewest([candidate('cleo', 1), candidate('bob', 0), candidate('ada', 1), candidate('abe', 2)])
    expect(sorted.map(({ practitionerId }) => practitionerId)).toEqual(['bob', 'ada', 'cleo', 'abe'])
  })
})
