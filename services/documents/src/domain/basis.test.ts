import { describe, expect, it } from 'vitest'
import {
  authorisation,
  basis,
  members,
  person,
  purposes,
  startSeconds,
  ticketClaims,
  types,
} from '../federation.fixture.js'
import { type ConsentState, consentRefusal, loginRefusal, noticeRefusal, statementRefusal } from './basis.js'

const { iss: provider, ...terms } = authorisation()
const exchange = { authorisation: { ...terms, provider }, ticket: ticketClaims(), basisId: basis('told') }

const told = {
  iss: members.requester,
  aud: members.provider,
  basis: basis('told'),
  purpose: purposes.rate,
  evidence_types: [types.household, types.income],
  text_version: '1',
  language: 'fr',
  channel: 'counter',
  iat: startSeconds,
} as const

const agreed: ConsentState = {
  basisId: basis('told'),
  subject: person('ada'),
  aliases: [],
  requester: members.requester,
  purpose: purposes.rate,
  evidenceTypes: [types.household, types.income],
  validFromSeconds: startSeconds,
  validUntilSeconds: startSeconds + 100,
  revokedAtSeconds: null,
}

describe('a notice', () => {
  it('is required', () => {
    expect(noticeRefusal(exchange, undefined)).toBe('NOTICE_REQUIRED')
  })

  it.each([
    ['requester', { iss: members.stranger }],
    ['provider', { aud: members.stranger }],
    ['basis', { basis: basis('other') }],
    ['purpose', { purpose: purposes.card }],
    ['evidence type', { evidence_types: [types.household] }],
  ])('refuses when it names another %s', (_, other) => {
    expect(noticeRefusal(exchange, { ...told, evidence_types: [...told.evidence_types], ...other })).toBe(
      'NOTICE_MISMATCH',
    )
  })

  it('lets the exchange that it tells of through', () => {
    expect(noticeRefusal(exchange, { ...told, evidence_types: [...told.evidence_types] })).toBeUndefined()
  })
})

describe('a consent', () => {
  it('is required', () => {
    expect(consentRefusal(exchange, undefined, startSeconds)).toBe('CONSENT_REQUIRED')
  })

  it.each([
    ['person', { subject: person('bob') }],
    ['requester', { requester: members.stranger }],
    ['purpose', { purpose: purposes.card }],
    ['evidence type', { evidenceTypes: [types.household] }],
  ])('refuses when it is for another %s', (_, other) => {
    expect(consentRefusal(exchange, { ...agreed, ...other }, startSeconds)).toBe('CONSENT_MISMATCH')
  })

  it('refuses once withdrawn, whatever else is true of it', () => {
    const withdrawn = { ...agreed, revokedAtSeconds: startSeconds }
    for (const seconds of [0, startSeconds, startSeconds + 100])
      expect(consentRefusal(exchange, withdrawn, seconds)).toBe('CONSENT_REVOKED')
  })

  it('says nothing of a withdrawal to whom the consent was not given', () => {
    const others = { ...agreed, requester: members.stranger, revokedAtSeconds: startSeconds }
    expect(consentRefusal(exchange, others, startSeconds)).toBe('CONSENT_MISMATCH')
  })

  it('refuses before its first and from its last second on', () => {
    expect(consentRefusal(exchange, agreed, startSeconds - 61)).toBe('CONSENT_REQUIRED')
    expect(consentRefusal(exchange, agreed, startSeconds - 60)).toBeUndefined()
    expect(consentRefusal(exchange, agreed, startSeconds)).toBeUndefined()
    expect(consentRefusal(exchange, agreed, startSeconds + 99)).toBeUndefined()
    expect(consentRefusal(exchange, agreed, startSeconds + 100)).toBe('CONSENT_EXPIRED')
  })
})

describe('a statement', () => {
  const stated = { ...told, evidence_types: [...told.evidence_types], mode: 'explicit-request' as const }
  const wanted = { ...exchange, authorisation: { ...exchange.authorisation, mode: 'explicit-request' } } as const

  it('is required', () => {
    expect(statementRefusal(wanted, undefined)).toBe('STATEMENT_REQUIRED')
  })

  it.each([
    ['requester', { iss: members.stranger }],
    ['provider', { aud: members.stranger }],
    ['basis', { basis: basis('other') }],
    ['purpose', { purpose: purposes.card }],
    ['evidence', { evidence_types: [types.household] }],
  ])('for another %s does not count', (_, given) => {
    expect(statementRefusal(wanted, { ...stated, ...given })).toBe('STATEMENT_MISMATCH')
  })

  it('in another mode than the authorisation does not count', () => {
    expect(statementRefusal(exchange, stated)).toBe('STATEMENT_MISMATCH')
  })

  it('for exactly this exchange counts', () => {
    expect(statementRefusal(wanted, stated)).toBeUndefined()
  })
})

describe('an explicit request', () => {
  it('is refused without the login of the person, however it was stated', () => {
    expect(loginRefusal({ ticket: ticketClaims() })).toBe('ASSURANCE_TOO_LOW')
    expect(loginRefusal({ ticket: ticketClaims({ auth_time: startSeconds }) })).toBeUndefined()
  })
})
