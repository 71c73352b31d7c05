import {
  type Application,
  ApplicationState,
  Channel,
  type Correction,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { type DecisionMade, type Delegation, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'

/** Something missing that is awaited until a day. */
export const openCorrection = (untilDay: string): Correction => ({
  correctionId: 'c1',
  isIncomplete: true,
  fields: ['income'],
  what: 'Your income is missing.',
  askedAtMs: 0,
  untilDay,
  resolvedAtMs: 0,
  by: undefined,
})

/** An application of 20 November 2026 that waits for the agency. */
export const applicationInReview = (change: Partial<Application> = {}): Application => ({
  applicationId: '0198c0de-0000-4000-8000-00000000000a',
  subject: 'p1.1.AAAAAAAAAAAAAAAAAAAAAA',
  procedure: 'grant',
  procedureSha256: 'a'.repeat(64),
  channel: Channel.CHANNEL_ONLINE,
  depositedAtMs: Date.parse('2026-11-20T09:00:00Z'),
  language: 'fr',
  state: ApplicationState.APPLICATION_STATE_IN_REVIEW,
  revision: 3,
  appealedDecisionId: '',
  entries: [],
  facts: [],
  used: [],
  notObtained: [],
  corrections: [],
  messages: [],
  clock: { means: 'rejection', dueDay: '2027-01-21', isWaiting: false, legalReference: 'article 1' },
  receipt: undefined,
  decisionId: '',
  depositedBy: undefined,
  position: 1,
  takesMessages: false,
  ...change,
})

export const refusalMade = (change: Partial<DecisionMade> = {}): DecisionMade => ({
  outcome: Outcome.OUTCOME_REFUSED,
  reasons: 'Your income is above the ceiling of article 1.',
  gives: '',
  fromDay: '',
  toDay: '',
  ...change,
})

export const grantMade = (change: Partial<DecisionMade> = {}): DecisionMade => ({
  outcome: Outcome.OUTCOME_GRANTED,
  reasons: '',
  gives: 'The grant, in full.',
  fromDay: '2026-12-01',
  toDay: '2027-11-30',
  ...change,
})

/** Of an agent who may sign everything of one procedure in 2026. */
export const delegationOf = (change: Partial<Delegation> = {}): Delegation => ({
  delegationId: '0198c0de-0000-4000-8000-00000000000d',
  agent: { agentId: 'g1', firstName: 'Ada', lastName: 'Agent', capacity: 'Head of office', isUnnamed: false },
  jwkJson: '{}',
  procedures: ['grant'],
  outcomes: [Outcome.OUTCOME_GRANTED, Outcome.OUTCOME_PARTLY_GRANTED, Outcome.OUTCOME_REFUSED],
  fromDay: '2026-01-01',
  toDay: '2026-12-31',
  legalReference: 'Order of 1 January 2026, published the same day',
  endedAtMs: 0,
  ...change,
})
