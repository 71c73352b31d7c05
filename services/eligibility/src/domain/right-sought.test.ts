import type { NotObtained } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { grantMade } from '../decision.fixture.js'
import { givesFrom, offersFor, type ProactiveOffer, refusalOf, searchesOf } from './right-sought.js'

const offer = (provider: string, purpose: string, evidenceType: string, fields = ['amount']): ProactiveOffer => ({
  provider,
  purpose,
  evidenceType,
  gives: (field) => fields.includes(field),
})
const notTold = (why: NotObtained['why']): NotObtained => ({
  provider: 'fund',
  evidenceType: 'income',
  purpose: 'search',
  facts: ['income'],
  exchangeId: '',
  why,
})

describe('what nothing is said of a person for', () => {
  it.each(['SUBJECT_UNKNOWN', 'SUBJECT_SPLIT', 'SUBJECT_DECEASED', 'OPPOSITION_STANDS'])('is %s', (reason) => {
    const silence = notTold({ $case: 'pending', value: { retryAfterMs: 5 } })
    expect(refusalOf([silence, notTold({ $case: 'refused', value: reason })])).toBe(reason)
  })

  it.each<[string, NotObtained['why']]>([
    ['a member that cannot be reached', { $case: 'refused', value: 'UNAVAILABLE' }],
    ['an age that is not reached', { $case: 'refused', value: 'AGE_NOT_REACHED' }],
    ['a value that the rule cannot use', { $case: 'isUnfit', value: true }],
    ['nothing told', undefined],
  ])('is not %s, which leaves a fact unknown', (_, why) => {
    expect(refusalOf([notTold(why)])).toBeUndefined()
  })
})

describe('the members that a search may ask', () => {
  const source = { evidenceType: 'income', field: 'amount', purpose: 'search' }
  const asked = { title: { fr: 'r', en: 'i' }, question: { fr: '?', en: '?' }, kind: 'yes-no' as const }
  const release = { facts: { income: { ...asked, sources: [source] }, age: { ...asked, sources: [] } } }

  it.each([
    ['of another evidence type', offer('fund', 'search', 'career')],
    ['for another purpose', offer('fund', 'rate', 'income')],
    ['that do not tell the field', offer('fund', 'search', 'income', ['year'])],
  ])('are not those %s', (_, other) => {
    expect(offersFor(release, [other])).toEqual([])
  })

  it('are those that tell a fact of the rule', () => {
    const fit = offer('fund', 'search', 'income')
    expect(offersFor(release, [offer('fund', 'rate', 'income'), fit])).toEqual([fit])
  })

  it('need one basis for each member and purpose, which covers each of its evidence types once', () => {
    const few = fc.constantFrom('a', 'b', 'c')
    fc.assert(
      fc.property(fc.array(fc.tuple(few, few, few), { maxLength: 12 }), (all) => {
        const searches = searchesOf(all.map(([provider, purpose, type]) => offer(provider, purpose, type)))
        const bases = searches.map(({ provider, purpose }) => `${provider} ${purpose}`)
        expect(bases).toEqual([...new Set(all.map(([provider, purpose]) => `${provider} ${purpose}`))])
        const covered = searches.flatMap(({ provider, purpose, evidenceTypes }) =>
          evidenceTypes.map((type) => `${provider} ${purpose} ${type}`),
        )
        expect(covered.sort()).toEqual([...new Set(all.map((each) => each.join(' ')))].sort())
      }),
    )
  })
})

describe('a right that was granted', () => {
  it.each([
    ['has no end', '', true],
    ['ends today', '2026-11-22', true],
    ['ended yesterday', '2026-11-21', false],
  ])('%s', (_, toDay, isGiven) => {
    expect(givesFrom([{ made: grantMade({ toDay }) }], '2026-11-22')).toBe(isGiven)
  })

  it('is none without a grant', () => {
    expect(givesFrom([], '2026-11-22')).toBe(false)
    expect(givesFrom([{ made: undefined }], '2026-11-22')).toBe(false)
  })
})
