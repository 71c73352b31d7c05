import { createHash } from 'node:crypto'
import { ConsentState, type ListConsentsRequest } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type AuthorityFixture,
  ask,
  callOf,
  granted,
  memberCaller,
  openAuthority,
  personAt,
  portalAsk,
  pushed,
} from '../authority.fixture.js'
import { asker, assent, pseudonym, startSeconds, window } from '../federation.fixture.js'
import { listConsents } from './list-consents.js'
import { refuseConsent } from './refuse-consent.js'

let authority: AuthorityFixture
beforeEach(async () => {
  authority = await openAuthority('consent_list')
})
afterEach(() => authority.postgres.close())

const everything: Omit<ListConsentsRequest, 'ticket' | 'basisId'> = {
  pageSize: 0,
  pageToken: '',
  state: ConsentState.CONSENT_STATE_UNSPECIFIED,
  requester: '',
  purpose: '',
}
const list = (
  request: ReturnType<typeof portalAsk> & Partial<typeof everything>,
  caller = memberCaller(window, 'gateway'),
) => ask(listConsents(authority), { ...everything, ...request }, callOf(authority.clock, caller))

describe('ListConsents', () => {
  it('refuses a ticket of another requester or for another purpose', async () => {
    await expect(list(portalAsk('ada'), memberCaller(asker, 'gateway'))).rejects.toMatchObject({
      reason: 'TICKET_MISUSED',
    })
    await expect(list(portalAsk('ada', { purpose: 'agreed' }))).rejects.toMatchObject({ reason: 'TICKET_MISUSED' })
    const basisId = 'b1.AAAAAAAAAAAAAAAAAAAAAA'
    await expect(list({ ...portalAsk('ada'), basisId })).rejects.toMatchObject({ reason: 'TICKET_MISUSED' })
  })

  it('refuses a ticket without a login', async () => {
    await expect(list(portalAsk('ada', { hasLogin: false }))).rejects.toMatchObject({ reason: 'ASSURANCE_TOO_LOW' })
  })

  it('shows nobody the consents of another', async () => {
    await granted(authority, 'ada')
    expect(await list(portalAsk('bea'))).toEqual({ consents: [], nextPageToken: '' })
  })

  it('shows a consent with its history and its receipt', async () => {
    const consentId = await granted(authority)
    const { consents } = await list(portalAsk('ada'))
    expect(consents).toHaveLength(1)
    const { receiptJson, ...consent } = consents[0] ?? { receiptJson: '{}' }
    expect(consent).toMatchObject({
      consentId,
      requester: asker,
      purpose: 'agreed',
      state: ConsentState.CONSENT_STATE_GIVEN,
      validFromMs: startSeconds * 1000,
      withdrawalRecordedAtMs: 0,
      withdrawalInForceAtMs: 0,
      events: [
        { state: ConsentState.CONSENT_STATE_REQUESTED, actor: asker },
        { state: ConsentState.CONSENT_STATE_GIVEN, actor: 'person', atMs: startSeconds * 1000 },
      ],
    })
    expect(receiptJson).not.toContain(pseudonym('ada', assent))
    expect(JSON.parse(receiptJson)).toMatchObject({
      record_id: consentId,
      pii_principal_id: expect.stringMatching(/^r1\.[A-Za-z0-9_-]{22}$/),
      pii_processing: {
        privacy_notice: {
          version: 'v1',
          language: 'fr',
          text_sha256: createHash('sha256').update('text of agreed (fr)').digest('base64url'),
        },
        jurisdiction: 'FR',
        withdrawal_method: 'https://window.example',
        collection_method: { acr: 'eidas2' },
      },
    })
  })

  it('shows a refusal, and an end that has come', async () => {
    const requestId = await pushed(authority)
    await ask(refuseConsent(authority), { requestId }, callOf(authority.clock, personAt(assent, 'ada')))
    await granted(authority)
    authority.clock.advance(30 * 86_400_000)
    const { consents } = await list(portalAsk('ada', { atSeconds: startSeconds + 30 * 86_400 }))
    expect(consents.map(({ state }) => state).sort()).toEqual([
      ConsentState.CONSENT_STATE_REFUSED,
      ConsentState.CONSENT_STATE_EXPIRED,
    ])
    const ended = consents.find(({ state }) => state === ConsentState.CONSENT_STATE_EXPIRED)
    expect(ended?.events.at(-1)).toEqual({
      state: ConsentState.CONSENT_STATE_EXPIRED,
      atMs: (startSeconds + 30 * 86_400) * 1000,
      actor: assent,
    })
    expect(JSON.parse(ended?.receiptJson ?? '{}').events.at(-1).event_type).toBe('expired')
  })

  it('refuses a filter that nothing could match, and a page token of other filters', async () => {
    const asked = portalAsk('ada')
    await expect(list({ ...asked, purpose: 'nonsense' })).rejects.toMatchObject({
      reason: 'FILTER_UNKNOWN',
      facts: { field: 'purpose', allowed: expect.stringContaining('agreed') },
    })
    await expect(list({ ...asked, requester: 'nobody' })).rejects.toMatchObject({ reason: 'FILTER_UNKNOWN' })
    for (let n = 0; n < 2; n++) await granted(authority)
    const { nextPageToken } = await list({ ...asked, pageSize: 1 })
    const other = list({ ...asked, pageToken: nextPageToken, purpose: 'agreed' })
    await expect(other).rejects.toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
    const { request } = listConsents(authority)
    for (const given of [{ pageToken: '1' }, { pageSize: 51 }, { state: ConsentState.CONSENT_STATE_REQUESTED }])
      expect(request.safeParse({ ...everything, ...asked, ...given }).success).toBe(false)
  })

  it('pages through all of them, each once, in one state and of one requester', async () => {
    const given: string[] = []
    for (let n = 0; n < 3; n++) given.push(await granted(authority))
    const requestId = await pushed(authority)
    await ask(refuseConsent(authority), { requestId }, callOf(authority.clock, personAt(assent, 'ada')))
    const seen: string[] = []
    let pageToken = ''
    do {
      const filters = { state: ConsentState.CONSENT_STATE_GIVEN, requester: asker, purpose: 'agreed' }
      const page = await list({ ...portalAsk('ada'), ...filters, pageSize: 2, pageToken })
      seen.push(...page.consents.map(({ consentId }) => consentId))
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    expect(seen.sort()).toEqual(given.sort())
    const expired = await list({ ...portalAsk('ada'), state: ConsentState.CONSENT_STATE_EXPIRED })
    expect(expired.consents).toEqual([])
    expect((await list(portalAsk('ada'))).consents).toHaveLength(4)
  })
})
