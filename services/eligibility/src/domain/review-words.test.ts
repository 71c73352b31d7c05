import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ProcedureData } from './procedure.js'
import { limitsOf } from './review-limits.js'
import { fewestDays, invitationWords, mostDays, untilDayFault, upheldWords } from './review-words.js'
import { daysLater } from './term.js'

describe('the last day for observations', () => {
  it('gives fifteen days at least, a year at most, and never less than was given', () => {
    const today = '2026-11-22'
    expect(untilDayFault(daysLater(today, fewestDays - 1), today, '')).toBeDefined()
    expect(untilDayFault(daysLater(today, mostDays + 1), today, '')).toBeDefined()
    expect(untilDayFault('2026-12-20', today, '2026-12-21')).toBeDefined()
    fc.assert(
      fc.property(fc.integer({ min: fewestDays, max: mostDays }), (days) => {
        const untilDay = daysLater(today, days)
        expect(untilDayFault(untilDay, today, '')).toBeUndefined()
        expect(untilDayFault(untilDay, today, untilDay)).toBeUndefined()
      }),
    )
  })
})

describe('what a person reads', () => {
  it('says in their language what seems wrong, until when, and that nothing is decided', () => {
    const what = 'Your income seems to be another.'
    const english = invitationWords({ language: 'en' }, what, '2026-12-20')
    expect(english).toMatch(/^Your income seems to be another\.\n\nNothing has been decided\. .*2026-12-20.*L121-1/s)
    expect(invitationWords({ language: 'fr' }, what, '2026-12-20')).toMatch(/Rien n’est décidé\. .*2026-12-20.*L121-1/s)
    expect(upheldWords({ language: 'en' }, 'Because.')).toContain('stays as it is. Because.')
    expect(upheldWords({ language: '' }, 'Car.')).toContain('Elle ne change pas. Car.')
  })
})

describe('the limits of taking back', () => {
  const title = { fr: 'Retrait', en: 'Withdrawal' }
  const procedure = {
    application: { withdrawal: [{ title, within: { count: 4, unit: 'months' }, reference: 'law' }] },
    references: { law: { citation: 'L242-1', checked: 'known' } },
  } as unknown as ProcedureData

  it('are counted from the day of the decision, and over the day after the last', () => {
    const limit = (today: string) => limitsOf(procedure, '2026-10-31', today)
    expect(limit('2027-02-28')).toEqual([{ title, lastDay: '2027-02-28', isOver: false, legalReference: 'L242-1' }])
    expect(limit('2027-03-01')).toMatchObject([{ isOver: true }])
    expect(limitsOf({ ...procedure, application: undefined }, '2026-10-31', '2026-11-01')).toEqual([])
  })
})
