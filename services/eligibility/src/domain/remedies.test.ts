import { Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { describe, expect, it } from 'vitest'
import { remediesAfter, remediesOpen } from './remedies.js'

const both = (text: string) => ({ fr: text, en: text })
const remedy = (title: string, isMandatoryFirst: boolean) => ({
  title: both(title),
  within: { count: 2, unit: 'months' as const },
  isMandatoryFirst,
  reference: 'law',
})
const references = { law: { citation: 'article 1', checked: 'read' as const } }
const [first, review, court] = [remedy('first', true), remedy('review', false), remedy('court', false)]
const days = (remedies: (typeof first)[], when: { day: string | undefined; isAppeal: boolean }) =>
  remediesOpen({ remedies, references }, when).map(({ title, lastDay }) => [title?.fr, lastDay])

describe('the remedies of a decision', () => {
  it('have the last day of their term, and their text', () => {
    const when = { day: '2026-12-31', isAppeal: false }
    expect(days([review, court], when)).toEqual([
      ['review', '2027-02-28'],
      ['court', '2027-02-28'],
    ])
    expect(remediesOpen({ remedies: [court], references }, when)).toEqual([
      {
        title: both('court'),
        count: 2,
        unit: 'months',
        isMandatoryFirst: false,
        legalReference: 'article 1',
        lastDay: '2027-02-28',
      },
    ])
  })

  it('wait for one that must be used first', () => {
    expect(days([court, first], { day: '2026-11-22', isAppeal: false })).toEqual([
      ['court', ''],
      ['first', '2027-01-22'],
    ])
  })

  it('no longer name that one once it was used, unless there is no other', () => {
    expect(days([court, first], { day: '2026-11-22', isAppeal: true })).toEqual([['court', '2027-01-22']])
    expect(days([first], { day: '2026-11-22', isAppeal: true })).toEqual([['first', '2027-01-22']])
  })

  it('have no day while there is no decision, and are none against what was granted whole', () => {
    const when = { day: undefined, isAppeal: false }
    expect(days([review], when)).toEqual([['review', '']])
    expect(remediesAfter(Outcome.OUTCOME_GRANTED, { remedies: [review], references }, when)).toEqual([])
    for (const outcome of [Outcome.OUTCOME_PARTLY_GRANTED, Outcome.OUTCOME_REFUSED])
      expect(remediesAfter(outcome, { remedies: [review], references }, when)).toHaveLength(1)
  })
})
