import { type Application, ApplicationState } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { type DecisionMade, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applicationInReview, grantMade, openCorrection, refusalMade } from '../decision.fixture.js'
import { type DecidedBy, decisionRefusal, isEnded, stateAfter } from './decision.js'

const today = '2026-11-22'
const rule: DecidedBy = { hasRule: true, finding: 'no', hasRemedies: true }
const refused = (made: DecisionMade, application: Partial<Application> = {}, by: Partial<DecidedBy> = {}) =>
  decisionRefusal(applicationInReview(application), made, { ...rule, ...by }, today)

describe('a decision', () => {
  it.each([
    ['APPLICATION_STATE_GRANTED'],
    ['APPLICATION_STATE_PARTLY_GRANTED'],
    ['APPLICATION_STATE_REFUSED'],
    ['APPLICATION_STATE_ACCEPTED_BY_SILENCE'],
    ['APPLICATION_STATE_WITHDRAWN'],
  ] as const)('is not issued on an application that stands as %s', (state) => {
    const ended = { reason: 'APPLICATION_ENDED' }
    expect(refused(refusalMade(), { state: ApplicationState[state] })).toEqual(ended)
    expect(refused(grantMade(), { state: ApplicationState[state] })).toEqual(ended)
  })

  it('is not issued from the day on which silence accepts, also before that is noted', () => {
    const clock = { means: 'acceptance', dueDay: today, isWaiting: false, legalReference: '' }
    expect(isEnded(applicationInReview({ clock }), '2026-11-21')).toBe(false)
    expect(isEnded(applicationInReview({ clock }), today)).toBe(true)
    expect(isEnded(applicationInReview({ clock: { ...clock, isWaiting: true } }), today)).toBe(false)
    expect(isEnded(applicationInReview({ clock: { ...clock, dueDay: '' } }), today)).toBe(false)
  })

  it('may follow a rejection by silence, noted or not', () => {
    const clock = { means: 'rejection', dueDay: '2026-11-01', isWaiting: false, legalReference: '' }
    const state = ApplicationState.APPLICATION_STATE_REJECTED_BY_SILENCE
    for (const each of [{ clock }, { state }, { clock, state }]) {
      expect(refused(grantMade(), each)).toBeUndefined()
      expect(refused(refusalMade(), each)).toBeUndefined()
    }
  })

  it.each<[string, DecisionMade]>([
    ['made.outcome', refusalMade({ outcome: Outcome.OUTCOME_UNSPECIFIED })],
    ['made.outcome', refusalMade({ outcome: 9 as Outcome })],
    ['made.reasons', refusalMade({ reasons: '' })],
    ['made.reasons', refusalMade({ reasons: `too short${' '.repeat(40)}` })],
    ['made.reasons', grantMade({ outcome: Outcome.OUTCOME_PARTLY_GRANTED })],
    ['made.gives', refusalMade({ gives: 'something' })],
    ['made.gives', grantMade({ gives: ' ' })],
    ['made.fromDay', refusalMade({ fromDay: today })],
    ['made.toDay', refusalMade({ toDay: today })],
    ['made.toDay', grantMade({ fromDay: '' })],
    ['made.toDay', grantMade({ toDay: '2026-11-30' })],
  ])('is wrong in %s: %o', (field, made) => {
    expect(refused(made)).toEqual({
      reason: 'APPLICATION_INVALID',
      fault: { field, what: expect.stringMatching(/\w/) },
    })
  })

  describe.each([
    ['refuses', refusalMade()],
    ['grants in part', grantMade({ outcome: Outcome.OUTCOME_PARTLY_GRANTED, reasons: refusalMade().reasons })],
  ])('that %s', (_what, made) => {
    it('waits for what the person still has time to send, the last day included', () => {
      const until = (day: string) => ({ corrections: [openCorrection(day)] })
      expect(refused(made, until(today))).toEqual({ reason: 'PIECES_AWAITED' })
      expect(refused(made, until('2026-11-21'))).toBeUndefined()
      expect(refused(made, { corrections: [{ ...openCorrection('2026-12-01'), resolvedAtMs: 1 }] })).toBeUndefined()
    })

    it('rests on nothing unknown', () => {
      expect(refused(made, {}, { finding: 'unknown' })).toEqual({ reason: 'DATUM_MISSING' })
      expect(refused(made, {}, { finding: undefined })).toEqual({ reason: 'DATUM_MISSING' })
      expect(refused(made, {}, { hasRule: false, finding: undefined })).toBeUndefined()
    })

    it('is none where nothing can be done against it', () => {
      expect(refused(made, {}, { hasRemedies: false })).toEqual({
        reason: 'PROCEDURE_INVALID',
        fault: { field: 'remedies', what: expect.stringMatching(/\w/) },
      })
    })
  })

  it('that grants whole waits for nothing', () => {
    const awaited = { corrections: [openCorrection('2026-12-01')] }
    expect(refused(grantMade(), awaited, { finding: 'unknown', hasRemedies: false })).toBeUndefined()
    expect(refused(grantMade({ fromDay: '', toDay: '' }))).toBeUndefined()
    expect(refused(grantMade({ fromDay: today, toDay: today }))).toBeUndefined()
    expect(refused(grantMade({ toDay: '' }))).toBeUndefined()
  })

  it('is a refusal only with reasons, remedies, a known answer, nothing awaited and nothing decided before', () => {
    const outcome = fc.constantFrom(...Object.values(Outcome))
    const state = fc.constantFrom(...Object.values(ApplicationState))
    const day = fc.constantFrom('2026-11-01', '2026-11-21', today, '2026-11-23', '2027-01-01', '')
    const correction = fc.record({ untilDay: day, resolvedAtMs: fc.constantFrom(0, 1) })
    const clock = fc.record({ means: fc.constantFrom('acceptance', 'rejection', 'none'), dueDay: day })
    const decided = fc.record({
      hasRule: fc.boolean(),
      finding: fc.constantFrom('yes' as const, 'no' as const, 'unknown' as const, undefined),
      hasRemedies: fc.boolean(),
    })
    const words = fc.constantFrom('', ' '.repeat(30), 'short', refusalMade().reasons)
    let issued = 0
    fc.assert(
      fc.property(
        fc.record({ outcome, reasons: words, gives: words, fromDay: day, toDay: day }),
        state,
        fc.array(correction, { maxLength: 3 }),
        clock,
        decided,
        (made, standing, corrections, silence, by) => {
          const application = applicationInReview({
            state: standing,
            corrections: corrections.map((each) => ({ ...openCorrection(''), ...each })),
            clock: { ...silence, isWaiting: false, legalReference: '' },
          })
          if (decisionRefusal(application, made, by, today)) return
          expect(isEnded(application, today)).toBe(false)
          expect([1, 2, 3]).toContain(made.outcome)
          if (made.outcome === Outcome.OUTCOME_GRANTED) return
          issued++
          expect(made.reasons.trim().length).toBeGreaterThanOrEqual(20)
          expect(by.hasRemedies).toBe(true)
          if (by.hasRule) expect(['yes', 'no']).toContain(by.finding)
          expect(corrections.filter(({ resolvedAtMs, untilDay }) => resolvedAtMs === 0 && untilDay >= today)).toEqual(
            [],
          )
        },
      ),
      { numRuns: 3000 },
    )
    expect(issued).toBeGreaterThan(0)
  })

  it('leaves the application as it decides', () => {
    expect(stateAfter(Outcome.OUTCOME_GRANTED)).toBe(ApplicationState.APPLICATION_STATE_GRANTED)
    expect(stateAfter(Outcome.OUTCOME_PARTLY_GRANTED)).toBe(ApplicationState.APPLICATION_STATE_PARTLY_GRANTED)
    expect(stateAfter(Outcome.OUTCOME_REFUSED)).toBe(ApplicationState.APPLICATION_STATE_REFUSED)
  })
})
