import type { HistoryEntry } from './consent-state.js'
import type { Disclosure } from './disclosures.js'

/** A member as a receipt names it. */
export interface Party {
  readonly id: string
  readonly name: string
  readonly contact: string
}

/** What was true when the person answered. */
export interface RecordFacts {
  readonly consentId: string
  /**
   * The person, by a pseudonym of this record alone: a receipt is kept by its person and passes through the portal, so it
   * carries no pseudonym by which two members could compare what they know.
   */
  readonly recordSubject: string
  readonly textVersion: string
  /** Of the text that was agreed to; absent when nothing was. */
  readonly language?: string
  /** SHA-256 of that text, base64url. */
  readonly textSha256?: string
  readonly purpose: { readonly id: string; readonly title: string }
  readonly disclosures: readonly Disclosure[]
  readonly requester: Party
  readonly providers: readonly Party[]
  readonly authority: Party
  /** ISO 3166-1 alpha-2. */
  readonly hostingCountry: string
  readonly acr: string
  readonly authTimeSeconds: number
  readonly validFromSeconds: number
  readonly validUntilSeconds: number
  /** Where the person withdraws. */
  readonly withdrawAt: string
}

const isoTime = (seconds: number): string => new Date(seconds * 1000).toISOString()

const partyOf = (party: Party, role: string) => ({
  party_id: party.id,
  party_role: role,
  party_name: party.name,
  party_contact: party.contact,
})

/** A consent record after ISO/IEC TS 27560:2023 (header, PII processing, parties), without its events. */
export const consentRecord = (facts: RecordFacts): Readonly<Record<string, unknown>> => ({
  schema_version: 'ISO/IEC TS 27560:2023',
  record_id: facts.consentId,
  pii_principal_id: facts.recordSubject,
  pii_processing: {
    privacy_notice: {
      version: facts.textVersion,
      ...(facts.language !== undefined && { language: facts.language, text_sha256: facts.textSha256 }),
    },
    purpose: facts.purpose.id,
    purpose_title: facts.purpose.title,
    // GDPR article 6(1)(a).
    lawful_basis: 'consent',
    legal_references: [...new Set(facts.disclosures.map(({ legalReference }) => legalReference))],
    pii_information: facts.disclosures.map((each) => ({
      pii_type: each.evidenceType,
      pii_attributes: each.fields,
      predicates: each.predicates,
      source: each.provider,
      // ISO 8601 duration, from the moment of each exchange.
      retention_period: `PT${each.retentionSeconds}S`,
    })),
    pii_controllers: [facts.requester.id],
    recipients: [facts.requester.id],
    validity: { from: isoTime(facts.validFromSeconds), until: isoTime(facts.validUntilSeconds) },
    jurisdiction: facts.hostingCountry,
    collection_method: {
      channel: 'online',
      at: facts.authority.id,
      acr: facts.acr,
      auth_time: isoTime(facts.authTimeSeconds),
    },
    withdrawal_method: facts.withdrawAt,
  },
  party_identification: [
    partyOf(facts.requester, 'controller'),
    ...facts.providers.map((provider) => partyOf(provider, 'source')),
    partyOf(facts.authority, 'consent-authority'),
  ],
})

/** The receipt: the record with what has happened to the consent so far. JSON text. */
export const receiptJson = (record: Readonly<Record<string, unknown>>, history: readonly HistoryEntry[]): string =>
  JSON.stringify({
    ...record,
    events: history.map(({ state, atMs, actor }) => ({
      event_type: state,
      event_time: new Date(atMs).toISOString(),
      event_actor: actor,
    })),
  })
