import {
  type Application,
  ApplicationState,
  Channel,
  type Hand,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { type Decision, type Delegation, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { aProcedure, releaseSha256 } from './eligibility.fixture.js'
import { subject } from './gateway.fixture.js'

// One application for the benefit of eligibility.fixture.ts, in the middle of its life, and the refusal that came of it.

const two = (fr: string, en: string) => ({ fr, en })

export const applicationId = '5f0c0e52-6d7a-4d0b-9a51-6b8a4d7d2c11'
export const decisionId = '0a9f8d26-2b1e-4a55-8c77-9d3b6f1e0c22'
export const delegationId = '7d7e2f14-90ab-4c33-b1aa-1f2e3d4c5b66'
export const depositedAtMs = Date.parse('2026-11-20T09:30:00Z')

export const agent = {
  agentId: 'a-17',
  firstName: 'Nadia',
  lastName: 'Roux',
  capacity: 'Instructrice',
  isUnnamed: false,
}
export const byAgent: Hand = { who: { $case: 'agent', value: agent } }
export const byPerson: Hand = { who: { $case: 'person', value: true } }

const remedy = {
  title: two('Écrire au maire', 'Write to the mayor'),
  count: 2,
  unit: 'months',
  isMandatoryFirst: true,
  legalReference: 'Article 9',
}
const clock = { means: 'rejection', dueDay: '2027-01-20', isWaiting: true, legalReference: 'CRPA, article L231-4' }
const source = { evidenceType: 'resources', field: 'resources.value', purpose: 'leisure-card' }

export const anApplication: Application = {
  applicationId,
  subject,
  procedure: aProcedure.id,
  procedureSha256: aProcedure.sha256,
  channel: Channel.CHANNEL_ONLINE,
  depositedAtMs,
  language: 'fr',
  state: ApplicationState.APPLICATION_STATE_INCOMPLETE,
  revision: 3,
  appealedDecisionId: '',
  entries: [{ field: 'diet-wish', text: 'Sans <porc>' }],
  facts: [{ name: 'resident', value: { $case: 'yes', value: true } }],
  used: [
    {
      fact: { name: 'home . resources', value: { $case: 'number', value: 512 } },
      isSelfDeclared: false,
      provider: 'fund',
      source,
      exchangeId: 'x1',
      version: 1,
      asOfMs: depositedAtMs,
    },
  ],
  notObtained: [
    {
      provider: 'fund',
      evidenceType: 'resources',
      purpose: 'leisure-card',
      facts: ['diet'],
      exchangeId: 'x2',
      why: { $case: 'refused', value: 'NOTICE_MISMATCH' },
    },
  ],
  corrections: [
    {
      correctionId: 'c1',
      isIncomplete: true,
      fields: ['school'],
      what: 'Il manque le nom de l’école.',
      askedAtMs: depositedAtMs,
      untilDay: '2026-12-20',
      resolvedAtMs: 0,
      by: { who: { $case: 'service', value: true } },
    },
  ],
  messages: [{ messageId: 'm1', atMs: depositedAtMs, from: byAgent, text: 'Bonjour,\nquelle école ?' }],
  takesMessages: true,
  clock,
  receipt: {
    receivedAtMs: depositedAtMs,
    service: two('Service des écoles', 'Schools office'),
    address: '1 place de la Mairie',
    telephone: '01 00 00 00 00',
    clock,
    remedies: [{ ...remedy, lastDay: '' }],
    isAttestable: false,
    missingFields: ['school'],
    missingUntilDay: '2026-12-20',
    jws: 'receipt.of.it',
  },
  decisionId: '',
  depositedBy: byPerson,
  position: 7,
}

export const aDecision: Decision = {
  decisionId,
  applicationId,
  subject,
  procedure: aProcedure.id,
  made: {
    outcome: Outcome.OUTCOME_REFUSED,
    reasons: 'Vos ressources dépassent le plafond de 1 000 € (article 8).',
    gives: '',
    fromDay: '',
    toDay: '',
  },
  issuedAtMs: Date.parse('2026-12-22T10:00:00Z'),
  signedBy: agent,
  delegationId,
  remedies: [{ ...remedy, lastDay: '2027-02-22' }],
  algorithmNotice: 'Cette décision a été prise avec l’aide d’un algorithme.',
  releaseSha256,
  jws: 'decision.of.it',
  keptUntilDay: '2028-12-22',
  legalHold: '',
}

export const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) }
export const aDelegation: Delegation = {
  delegationId,
  agent,
  jwkJson: JSON.stringify(jwk),
  procedures: [aProcedure.id],
  outcomes: [Outcome.OUTCOME_GRANTED, Outcome.OUTCOME_REFUSED],
  fromDay: '2026-01-01',
  toDay: '2026-12-31',
  legalReference: 'Arrêté 2026-12, affiché le 3 janvier 2026',
  endedAtMs: 0,
}
