import { MeshError, type Reason, reasons } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { chooseLanguage } from './language.js'
import { challengeOf, errorOf, problemOf } from './problem.js'
import { reasonsInFrench } from './problem-fr.js'

const all = Object.keys(reasons) as Reason[]

describe('the French table', () => {
  it('covers the closed list of reasons and nothing else', () => {
    expect(Object.keys(reasonsInFrench)).toEqual(all)
  })

  it.each(all)('has a sentence of its own for %s and for what to do next', (reason) => {
    const { title, next } = reasonsInFrench[reason]
    for (const sentence of [title, next]) expect(sentence).toMatch(/^\p{Lu}.{8,}\.$/u)
    expect(title).not.toBe(reasons[reason].title)
  })
})

describe('a problem', () => {
  it('never carries the cause of what failed', () => {
    const error = errorOf(new Error('SELECT name FROM person'))
    expect(JSON.stringify(problemOf(error, 'en', 't'))).not.toContain('person')
    expect(error.reason).toBe('INTERNAL')
  })

  it.each(all)('of %s has the status of the table, a stable type and the next step', (reason) => {
    expect(problemOf(new MeshError(reason), 'en', 'trace')).toMatchObject({
      type: `urn:unefois:reason:${reason}`,
      status: reasons[reason].http,
      title: reasons[reason].title,
      next: reasons[reason].next,
      reason,
      traceId: 'trace',
    })
  })

  it('tells the facts in its detail', () => {
    const error = new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: 'eidas2' } })
    expect(problemOf(error, 'fr', 't').detail).toBe('required_acr: eidas2')
    const worded = new MeshError('REQUEST_INVALID', { detail: 'Field a: too long.' })
    expect(problemOf(worded, 'en', 't').detail).toBe('Field a: too long.')
  })
})

describe('the challenge', () => {
  it('names the level of a login that was too low (RFC 9470)', () => {
    const error = new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: 'eidas2' } })
    expect(challengeOf(error, 'hall')).toMatch(/^Bearer error="insufficient_user_authentication".*acr_values="eidas2"$/)
  })

  it('lets no fact break out of its quotes', () => {
    const error = new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: 'x", realm="y' } })
    expect(challengeOf(error, 'hall')).not.toContain('realm')
  })

  it('is absent where no other token would help', () => {
    expect(challengeOf(new MeshError('CONSENT_REVOKED'), 'hall')).toBeUndefined()
  })
})

describe('the language of an answer', () => {
  it.each([
    ['', 'en'],
    ['de, it', 'en'],
    ['fr;q=0, en', 'en'],
    ['en;q=0.5, fr-CA;q=0.8', 'fr'],
    ['FR', 'fr'],
    ['fr;q=abc, en;q=0.9', 'fr'],
  ])('for %j is %s', (header, language) => {
    expect(chooseLanguage(header, 'en')).toBe(language)
  })
})
