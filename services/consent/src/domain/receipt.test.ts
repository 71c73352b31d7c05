import { describe, expect, it } from 'vitest'
import { consentRecord, receiptJson } from './receipt.js'

const party = (id: string) => ({ id, name: `name of ${id}`, contact: `contact of ${id}` })
const facts = {
  consentId: 'consent-1',
  recordSubject: 'r1.aaaaaaaaaaaaaaaaaaaaaa',
  textVersion: 'v1',
  language: 'fr',
  textSha256: 'hash',
  purpose: { id: 'agreed', title: 'title' },
  disclosures: [
    {
      provider: 'one',
      evidenceType: 'income',
      fields: ['amount.value'],
      predicates: ['p'],
      legalReference: 'Article 1',
      retentionSeconds: 3600,
    },
  ],
  requester: party('asker'),
  providers: [party('one')],
  authority: party('assent'),
  hostingCountry: 'FR',
  acr: 'eidas2',
  authTimeSeconds: 1_788_249_540,
  validFromSeconds: 1_788_249_600,
  validUntilSeconds: 1_788_336_000,
  withdrawAt: 'https://window.example',
}

describe('the receipt', () => {
  it('names no text where nothing was agreed to', () => {
    const { language: _, textSha256: __, ...refused } = facts
    expect(consentRecord(refused)).toMatchObject({ pii_processing: { privacy_notice: { version: 'v1' } } })
    expect(JSON.stringify(consentRecord(refused))).not.toContain('language')
  })

  it('carries what ISO/IEC TS 27560 asks of a consent record', () => {
    const receipt = JSON.parse(
      receiptJson(consentRecord(facts), [{ state: 'given', atMs: 1_788_249_600_000, actor: 'person' }]),
    )
    expect(receipt).toEqual({
      schema_version: 'ISO/IEC TS 27560:2023',
      record_id: 'consent-1',
      pii_principal_id: 'r1.aaaaaaaaaaaaaaaaaaaaaa',
      pii_processing: {
        privacy_notice: { version: 'v1', language: 'fr', text_sha256: 'hash' },
        purpose: 'agreed',
        purpose_title: 'title',
        lawful_basis: 'consent',
        legal_references: ['Article 1'],
        pii_information: [
          {
            pii_type: 'income',
            pii_attributes: ['amount.value'],
            predicates: ['p'],
            source: 'one',
            retention_period: 'PT3600S',
          },
        ],
        pii_controllers: ['asker'],
        recipients: ['asker'],
        validity: { from: '2026-09-01T08:00:00.000Z', until: '2026-09-02T08:00:00.000Z' },
        jurisdiction: 'FR',
        collection_method: {
          channel: 'online',
          at: 'assent',
          acr: 'eidas2',
          auth_time: '2026-09-01T07:59:00.000Z',
        },
        withdrawal_method: 'https://window.example',
      },
      party_identification: [
        { party_id: 'asker', party_role: 'controller', party_name: 'name of asker', party_contact: 'contact of asker' },
        { party_id: 'one', party_role: 'source', party_name: 'name of one', party_contact: 'contact of one' },
        {
          party_id: 'assent',
          party_role: 'consent-authority',
          party_name: 'name of assent',
          party_contact: 'contact of assent',
        },
      ],
      events: [{ event_type: 'given', event_time: '2026-09-01T08:00:00.000Z', event_actor: 'person' }],
    })
  })
})
