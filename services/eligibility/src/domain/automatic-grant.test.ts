import { type Application, ApplicationState } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { describe, expect, it } from 'vitest'
import { applicationInReview, openCorrection } from '../decision.fixture.js'
import { type FoundInFile, grantsByItself } from './automatic-grant.js'

const today = '2026-11-22'
const found: FoundInFile = {
  answer: 'yes',
  missing: [],
  deciding: new Set(['income', 'child']),
  fromEvidence: new Set(['income', 'child', 'other']),
  declared: new Set(['wish']),
  hasSpecialSource: false,
}
const grants = (
  change: { found?: Partial<FoundInFile>; application?: Partial<Application>; automatic?: boolean } = {},
): boolean =>
  grantsByItself(
    applicationInReview(change.application),
    { automatic: change.automatic ?? true },
    { ...found, ...change.found },
    today,
  )

describe('a procedure grants by itself', () => {
  it('where its rule says yes from evidence alone, in a complete file', () => {
    expect(grants()).toBe(true)
  })

  const silence = { means: 'acceptance', dueDay: today, isWaiting: false, legalReference: '' }
  it.each<[string, Parameters<typeof grants>[0]]>([
    ['unless it says so', { automatic: false }],
    ['a no', { found: { answer: 'no' } }],
    ['an unknown', { found: { answer: 'unknown' } }],
    ['while an amount is unknown', { found: { missing: ['income'] } }],
    ['on what the person stated', { found: { declared: new Set(['income']) } }],
    ['on what nobody told', { found: { fromEvidence: new Set(['income']) } }],
    ['on nothing at all', { found: { deciding: new Set() } }],
    ['on a special category (GDPR article 9)', { found: { hasSpecialSource: true } }],
    ['an appeal', { application: { appealedDecisionId: '0198c0de-0000-4000-8000-000000000001' } }],
    ['while something is awaited', { application: { corrections: [openCorrection('2026-12-01')] } }],
    ['when what was awaited never came', { application: { corrections: [openCorrection('2026-11-01')] } }],
    ['what is incomplete', { application: { state: ApplicationState.APPLICATION_STATE_INCOMPLETE } }],
    ['what was withdrawn', { application: { state: ApplicationState.APPLICATION_STATE_WITHDRAWN } }],
    ['what silence rejected', { application: { state: ApplicationState.APPLICATION_STATE_REJECTED_BY_SILENCE } }],
    ['what silence accepts today', { application: { clock: silence } }],
  ])('never %s', (_what, change) => {
    expect(grants(change)).toBe(false)
  })

  it('never a procedure that takes no applications', () => {
    expect(grantsByItself(applicationInReview(), undefined, found, today)).toBe(false)
  })
})
