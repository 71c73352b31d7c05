import { ApplicationState } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { describe, expect, it } from 'vitest'
import { applicationInReview, openCorrection } from '../decision.fixture.js'
import { clockOf, datesOf, silenceSpeaks } from './application-clock.js'
import type { ProcedureData } from './procedure.js'

const dayOf = (ms: number): string => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' }).format(ms)
const procedure = (means: ProcedureData['silence']['means']) => ({
  silence: { means, reference: 'law', ...(means !== 'none' && { after: { count: 1, unit: 'months' as const } }) },
  references: { law: { citation: 'article 1', checked: 'read' as const } },
  application: {
    completion: { count: 1, unit: 'months' as const },
    automatic: false,
    retention: { after: { count: 24, unit: 'months' as const }, reference: 'law' },
    withdrawal: [],
  },
})
const today = '2026-11-22'
// 23:30 UTC is the next day in Paris.
const late = applicationInReview({ depositedAtMs: Date.parse('2026-11-19T23:30:00Z') })

describe('the clock of an application', () => {
  it('counts Paris days from its deposit, and names the text', () => {
    expect(clockOf(late, procedure('acceptance'), today, dayOf)).toEqual({
      means: 'acceptance',
      dueDay: '2026-12-21',
      isWaiting: false,
      legalReference: 'article 1',
    })
  })

  it('has no day where silence means nothing, nor once somebody decided or withdrew', () => {
    expect(clockOf(late, procedure('none'), today, dayOf)).toMatchObject({ means: 'none', dueDay: '' })
    for (const state of [ApplicationState.APPLICATION_STATE_REFUSED, ApplicationState.APPLICATION_STATE_WITHDRAWN])
      expect(clockOf({ ...late, state }, procedure('rejection'), today, dayOf)).toMatchObject({
        means: 'rejection',
        dueDay: '',
        isWaiting: false,
      })
  })

  it('rejects on an appeal, whatever it means at first (CRPA L231-4, 2°)', () => {
    const appeal = { ...late, appealedDecisionId: 'd' }
    for (const means of ['acceptance', 'none'] as const)
      expect(clockOf(appeal, procedure(means), today, dayOf)).toEqual({
        means: 'rejection',
        dueDay: '2027-01-21',
        isWaiting: false,
        legalReference: 'CRPA, article L231-4, 2°',
      })
    expect(clockOf(appeal, procedure('rejection'), today, dayOf)).toMatchObject({ dueDay: '2026-12-21' })
  })
})

describe('silence', () => {
  it('speaks from its day on, and not while the person has time, nor twice', () => {
    const on = (day: string, application = late, means: 'acceptance' | 'rejection' = 'acceptance') =>
      silenceSpeaks(application, procedure(means), day, dayOf)
    expect(on('2026-12-20')).toBeUndefined()
    expect(on('2026-12-21')).toBe('acceptance')
    expect(on('2026-12-21', late, 'rejection')).toBe('rejection')
    const waiting = {
      ...late,
      corrections: [{ ...openCorrection('2027-01-10'), askedAtMs: Date.parse('2026-11-22T09:00:00Z') }],
    }
    expect(on('2030-01-01', waiting)).toBeUndefined()
    expect(on('2027-01-10', waiting, 'rejection')).toBeUndefined()
    expect(on('2027-02-08', waiting, 'rejection')).toBeUndefined()
    expect(on('2027-02-09', waiting, 'rejection')).toBe('rejection')
    const spoken = { ...late, state: ApplicationState.APPLICATION_STATE_ACCEPTED_BY_SILENCE }
    expect(on('2027-01-01', spoken)).toBeUndefined()
    expect(clockOf(spoken, procedure('acceptance'), '2030-01-01', dayOf).dueDay).toBe('2026-12-21')
  })
})

describe('what stands beside a file', () => {
  it('is the day of silence while it is open, and none while it waits for the person for good', () => {
    const kept = { application: late, awaited: [] }
    expect(datesOf(kept, procedure('acceptance'), today, dayOf)).toEqual({
      dueDay: '2026-12-21',
      deleteAfterMs: undefined,
    })
    const waiting = { ...kept, application: { ...late, corrections: [openCorrection('2027-01-10')] } }
    expect(datesOf(waiting, procedure('acceptance'), today, dayOf)).toEqual({
      dueDay: undefined,
      deleteAfterMs: undefined,
    })
  })

  it('is its last day once it ended, by the retention of its procedure', () => {
    const ended = { ...late, state: ApplicationState.APPLICATION_STATE_WITHDRAWN }
    const dates = datesOf({ application: ended, awaited: [] }, procedure('acceptance'), today, dayOf)
    expect(dates).toEqual({ dueDay: undefined, deleteAfterMs: Date.parse('2028-11-23T00:00:00Z') })
  })
})
