import { Accessibility } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { describe, expect, it } from 'vitest'
import { isOfferFor } from './visit-offers.js'

const accessibility = [Accessibility.ACCESSIBILITY_WHEELCHAIR]

describe('what another member offered', () => {
  it.each([
    ['a language', { accessibility: [], language: 'fsl' }],
    ['an accessibility', { accessibility, language: '' }],
    ['both', { accessibility, language: 'fsl' }],
  ])('is not shown to who said %s, unless that member has looked at it', (_, needs) => {
    expect(isOfferFor(needs, { areNeedsMet: false })).toBe(false)
    expect(isOfferFor(needs, { areNeedsMet: true })).toBe(true)
  })

  it('is shown to who said no needs, whatever the version of that member', () => {
    for (const areNeedsMet of [true, false])
      expect(isOfferFor({ accessibility: [], language: '' }, { areNeedsMet })).toBe(true)
  })
})
