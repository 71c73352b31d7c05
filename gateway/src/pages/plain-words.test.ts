import { type Reason, reasons } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { plainWordsOf, whyRefused } from './plain-words.js'

const all = Object.keys(reasons) as Reason[]

describe('plain words for a refusal', () => {
  it.each(['fr', 'en'] as const)('say what happened and what to do for every reason, in %s', (language) => {
    for (const reason of all) {
      const { title, next } = plainWordsOf(reason, language)
      expect(title, reason).toMatch(/[^.]$/)
      expect(next, reason).toMatch(/\.$/)
      expect(whyRefused(reason, language), reason).toMatch(/\.$/)
    }
  })

  it('speak to the person, not about them', () => {
    expect(whyRefused('CONSENT_REVOKED', 'en')).toBe('You had withdrawn your consent.')
    expect(whyRefused('CONSENT_REVOKED', 'fr')).toBe('Vous aviez retiré votre accord.')
  })

  it('let a reason that this version does not know stand for itself', () => {
    expect(whyRefused('SOMETHING_NEW', 'fr')).toBe('SOMETHING_NEW')
  })
})
