import { randomUUID } from 'node:crypto'
import type { ConsentState } from './domain/basis.js'
import type { ExchangeRecord } from './domain/exchange-record.js'
import { basis, members, person, purposes, startMs, startSeconds, types } from './federation.fixture.js'

/** A release to the requester, of Ada's income, unless said otherwise. */
export const record = (given: Partial<ExchangeRecord> = {}): ExchangeRecord => ({
  record_id: randomUUID(),
  exchange_id: randomUUID(),
  kind: 'release',
  member: members.provider,
  counterparty: members.requester,
  subject: person('ada'),
  evidence_type: types.income,
  relay: 'none',
  evidence_version: 1,
  fields: ['amount'],
  predicates: [],
  purpose: purposes.card,
  procedure: 'leisure-card-2027',
  mode: 'consent',
  basis: basis('agreed'),
  outcome: 'released',
  reason: 'none',
  at_ms: startMs,
  ...given,
})

/** A consent of Ada's in force, unless said otherwise. */
export const consent = (given: Partial<ConsentState> = {}): ConsentState => ({
  basisId: basis('agreed'),
  subject: person('ada'),
  aliases: [],
  requester: members.requester,
  purpose: purposes.card,
  evidenceTypes: [types.income, types.household],
  validFromSeconds: startSeconds,
  validUntilSeconds: startSeconds + 30 * 86_400,
  revokedAtSeconds: null,
  ...given,
})
