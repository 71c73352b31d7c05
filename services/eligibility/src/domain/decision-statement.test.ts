import { canonicalJson } from '@unefois/proto/canonical-json'
import { decisionSignatureType } from '@unefois/proto/decision-statements'
import { Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { describe, expect, it } from 'vitest'
import { applicationInReview, delegationOf, grantMade, refusalMade } from '../decision.fixture.js'
import { algorithmNotice, textIn } from './algorithm-notice.js'
import { type DecisionPrepared, statementOf } from './decision-statement.js'

const remedy = {
  title: { fr: 'r', en: 'r' },
  count: 2,
  unit: 'months',
  isMandatoryFirst: false,
  legalReference: 'article 2',
  lastDay: '',
}
const prepared: DecisionPrepared = {
  member: 'hall',
  decisionId: '0198c0de-0000-4000-8000-000000000001',
  preparedAt: 1_795_338_000,
  application: applicationInReview(),
  made: refusalMade(),
  rule: { releaseSha256: 'b'.repeat(64), answer: 'no', notice: 'An algorithm had part.' },
  remedies: [remedy],
  delegation: delegationOf(),
}
const review = {
  id: '0198c0de-0000-4000-8000-000000000004',
  replaces: '0198c0de-0000-4000-8000-000000000005',
  reassessed_at_ms: 1,
}
const agentOf = (isUnnamed: boolean) => ({
  agentId: 'g1',
  firstName: 'Ada',
  lastName: 'Agent',
  capacity: 'Head of office',
  isUnnamed,
})

describe('a statement', () => {
  it('tells nobody the name of an agent whose safety asks for that', () => {
    const statement = statementOf({ ...prepared, delegation: delegationOf({ agent: agentOf(true) }) })
    expect(JSON.stringify(statement)).not.toMatch(/Ada|"Agent"|g1/)
    expect(statement.agent).toMatchObject({ id: '', first_name: '', capacity: 'Head of office', is_unnamed: true })
    expect(statementOf(prepared).agent).toMatchObject({ first_name: 'Ada', last_name: 'Agent' })
  })

  it('changes with everything that a decision is made of', () => {
    const changes: Partial<DecisionPrepared>[] = [
      { member: 'fund' },
      { decisionId: '0198c0de-0000-4000-8000-000000000002' },
      { preparedAt: prepared.preparedAt + 1 },
      { application: applicationInReview({ revision: 4 }) },
      { application: applicationInReview({ subject: 'p1.1.BAAAAAAAAAAAAAAAAAAAAA' }) },
      { application: applicationInReview({ procedureSha256: 'c'.repeat(64) }) },
      { application: applicationInReview({ appealedDecisionId: 'd0' }) },
      { application: applicationInReview({ language: 'en' }) },
      { made: refusalMade({ reasons: 'Other reasons of at least so many words.' }) },
      { made: grantMade() },
      { made: grantMade({ toDay: '2027-12-31' }) },
      { rule: { releaseSha256: 'c'.repeat(64), answer: 'no', notice: 'An algorithm had part.' } },
      { rule: { releaseSha256: 'b'.repeat(64), answer: 'yes', notice: 'An algorithm had part.' } },
      { rule: undefined },
      { review },
      { review: { ...review, replaces: '0198c0de-0000-4000-8000-000000000003' } },
      { review: { ...review, reassessed_at_ms: 2 } },
      { remedies: [] },
      { remedies: [{ ...remedy, count: 3 }] },
      { delegation: undefined },
      { delegation: delegationOf({ delegationId: '0198c0de-0000-4000-8000-00000000000e' }) },
      { delegation: delegationOf({ agent: { ...agentOf(false), capacity: 'Director' } }) },
    ]
    const written = [{}, ...changes].map((change) => canonicalJson(statementOf({ ...prepared, ...change })).toString())
    expect(new Set(written).size).toBe(written.length)
    for (const each of written) expect(decisionSignatureType.readClaims(JSON.parse(each))).toBeDefined()
  })

  it('is the same for the same', () => {
    const again = { ...prepared, application: applicationInReview({ position: 9 }), made: { ...refusalMade() } }
    expect(canonicalJson(statementOf(again))).toEqual(canonicalJson(statementOf(prepared)))
  })

  it.each([
    [Outcome.OUTCOME_GRANTED, 'granted'],
    [Outcome.OUTCOME_PARTLY_GRANTED, 'partly-granted'],
    [Outcome.OUTCOME_REFUSED, 'refused'],
  ] as const)('calls outcome %i %s', (outcome, word) => {
    expect(statementOf({ ...prepared, made: refusalMade({ outcome }) }).outcome).toBe(word)
  })
})

describe('the notice of an algorithm', () => {
  const service = {
    name: { fr: 'Bureau', en: 'Office' },
    address: '1 rue',
    telephone: '01 00',
    hours: { fr: 'h', en: 'h' },
  }
  const purpose = { fr: 'Aider.', en: 'To help.' }

  it('says what it is for, the right to know its rules, whom to ask, and who helps (CRPA L311-3-1)', () => {
    const french = algorithmNotice(purpose, service, 'fr')
    for (const part of ['Aider.', 'L311-3-1', 'Bureau', '1 rue', '01 00', 'CADA']) expect(french).toContain(part)
    const english = algorithmNotice(purpose, service, 'en')
    for (const part of ['To help.', 'L311-3-1', 'Office', 'CADA']) expect(english).toContain(part)
  })

  it('is easy to read where somebody wrote it so', () => {
    expect(textIn({ ...purpose, falc: 'Une aide.' }, 'fr-x-falc')).toBe('Une aide.')
    expect(textIn(purpose, 'fr-x-falc')).toBe('Aider.')
    expect(textIn({ ...purpose, falc: 'Une aide.' }, 'fr')).toBe('Aider.')
  })
})
