import { ConsentState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type AuthorityFixture,
  ask,
  callOf,
  memberCaller,
  openAuthority,
  personAt,
  pushed,
} from '../authority.fixture.js'
import { asker, assent, federationOf, returnUrl, usualAuthorisations } from '../federation.fixture.js'
import { getConsentRequest } from './get-consent-request.js'

let authority: AuthorityFixture
beforeAll(async () => {
  authority = await openAuthority('consent_get_request')
})
beforeEach(() => {
  authority.federation.current = federationOf()
})
afterAll(() => authority.postgres.close())

const get = (requestId: string, caller = personAt(assent, 'ada')) =>
  ask(getConsentRequest(authority), { requestId }, callOf(authority.clock, caller))

describe('GetConsentRequest', () => {
  it('refuses whoever is not a person', async () => {
    const call = callOf(authority.clock, memberCaller(asker))
    await expect(ask(getConsentRequest(authority), { requestId: 'x' }, call)).rejects.toMatchObject({
      reason: 'CALLER_NOT_ALLOWED',
    })
  })

  it('knows no request that another person is asked, nor one that does not exist', async () => {
    const requestId = await pushed(authority)
    const unknown = { reason: 'CONSENT_REQUEST_UNKNOWN' }
    await expect(get(requestId, personAt(assent, 'bea'))).rejects.toMatchObject(unknown)
    await expect(get(requestId, personAt(asker, 'ada'))).rejects.toMatchObject(unknown)
    await expect(get('A'.repeat(22))).rejects.toMatchObject(unknown)
  })

  it('is closed once it has expired', async () => {
    const requestId = await pushed(authority)
    authority.clock.advance(3_600_000)
    await expect(get(requestId)).rejects.toMatchObject({ reason: 'CONSENT_REQUEST_CLOSED' })
    authority.clock.advance(-3_600_000)
  })

  it('is closed when the text or the fields are no longer those that were asked for', async () => {
    const requestId = await pushed(authority)
    authority.federation.current = federationOf({ textVersion: 'v2' })
    await expect(get(requestId)).rejects.toMatchObject({ reason: 'CONSENT_REQUEST_CLOSED' })
    const wider = usualAuthorisations.map((each) => (each.mode === 'consent' ? { ...each, fields: ['all'] } : each))
    authority.federation.current = federationOf({ authorisations: wider })
    await expect(get(requestId)).rejects.toMatchObject({ reason: 'CONSENT_REQUEST_CLOSED' })
  })

  it('is refused when an authorisation has gone since', async () => {
    const requestId = await pushed(authority)
    authority.federation.current = federationOf({ authorisations: [] })
    await expect(get(requestId)).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
  })

  it('shows the person names and fields, never values', async () => {
    const requestId = await pushed(authority)
    expect((await get(requestId)).request).toEqual({
      requestId,
      requester: asker,
      purpose: 'agreed',
      durationDays: 30,
      state: ConsentState.CONSENT_STATE_REQUESTED,
      disclosures: [
        { provider: 'source-one', evidenceType: 'income', fields: ['amount.value'], predicates: ['is-dependant'] },
        { provider: 'source-two', evidenceType: 'housing', fields: ['rooms'], predicates: ['is-dependant'] },
      ],
      returnUrl,
      expiresAtMs: authority.clock.nowMs() + 3_600_000,
      textVersion: 'v1',
    })
  })
})
