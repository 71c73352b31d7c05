import { MeshError } from '@unefois/proto/reasons'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AgencyFixture, effect, openAgency } from '../agency.fixture.js'
import { callOf, personAt } from '../authority.fixture.js'
import { asker, assent, pseudonym, returnUrl, sourceOne, sourceTwo } from '../federation.fixture.js'
import { readOpenedRequest } from '../store/opened-requests.js'
import { openConsentRequest } from './open-consent-request.js'

let agency: AgencyFixture
beforeEach(async () => {
  agency = await openAgency('consent_open', asker)
})
afterEach(() => agency.postgres.close())

const ada = personAt(asker, 'ada')
const system = { kind: 'system', clientId: 'desk', scopes: ['consent:request'] } as const
const wish = {
  subject: pseudonym('ada', asker) as string,
  purpose: 'agreed',
  providers: [sourceOne, sourceTwo] as string[],
  evidenceTypes: ['income', 'housing'],
  durationDays: 30,
  returnUrl,
}
const open = (
  over: Partial<typeof wish> = {},
  { caller = ada, key = 'key-00000001' }: { caller?: Parameters<typeof callOf>[1]; key?: string } = {},
) =>
  effect(
    agency.postgres,
    openConsentRequest(agency),
    { ...wish, ...over },
    { ...callOf(agency.clock, caller), idempotencyKey: key },
  )

describe('OpenConsentRequest', () => {
  it('refuses a person who names somebody else', async () => {
    await expect(open({}, { caller: personAt(asker, 'bea') })).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
  })

  it('refuses a return address that is not registered, and what is not authorised, before anybody is asked', async () => {
    await expect(open({ returnUrl: 'https://other.example' })).rejects.toMatchObject({
      reason: 'RETURN_URL_NOT_REGISTERED',
    })
    await expect(open({ purpose: 'told' })).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
    await expect(open({ providers: [sourceOne], evidenceTypes: ['family'] })).rejects.toMatchObject({
      reason: 'PURPOSE_NOT_AUTHORISED',
    })
    expect(agency.identity.ticketsAsked).toEqual([])
    expect(agency.remote.pushes).toEqual([])
  })

  it.each([{ durationDays: 0 }, { durationDays: 366 }, { providers: [] }, { evidenceTypes: [] }, { returnUrl: '' }])(
    'refuses a malformed request: %j',
    (over) => {
      expect(openConsentRequest(agency).request.safeParse({ ...wish, ...over }).success).toBe(false)
    },
  )

  it('stores nothing when the authority cannot be reached or refuses', async () => {
    for (const reason of ['PROVIDER_UNREACHABLE', 'PURPOSE_NOT_AUTHORISED'] as const) {
      agency.remote.failure = new MeshError(reason)
      await expect(open()).rejects.toMatchObject({ reason })
    }
    expect((await agency.postgres.query('SELECT 1 FROM consent_request')).rowCount).toBe(0)
  })

  it('passes on that the person is unknown', async () => {
    agency.identity.failure = new MeshError('SUBJECT_UNKNOWN')
    await expect(open()).rejects.toMatchObject({ reason: 'SUBJECT_UNKNOWN' })
  })

  it('sends the same client request id for the same key and caller, and no pseudonym', async () => {
    await open()
    await open()
    await open({}, { key: 'key-00000002' })
    await open({}, { caller: system })
    const sent = agency.remote.pushes.map(({ clientRequestId }) => clientRequestId)
    expect(sent[0]).toBe(sent[1])
    expect(new Set(sent).size).toBe(3)
    expect(JSON.stringify(agency.remote.pushes)).not.toContain(wish.subject)
  })

  it('asks for a ticket to the authority with the login of the person, and none for a system', async () => {
    await open()
    await open({}, { caller: system })
    expect(agency.identity.ticketsAsked).toMatchObject([
      { subject: wish.subject, provider: assent, purpose: 'agreed', loginHandle: 'login of ada' },
      { loginHandle: '' },
    ])
    expect(agency.remote.pushes[0]?.basisId).toBe(agency.identity.ticketsAsked[0]?.basisId)
  })

  it('answers where the person answers, and remembers what was asked', async () => {
    const { requestId, authorityUrl, expiresAtMs } = await open()
    expect(authorityUrl).toBe(`https://assent.example/consent/${requestId}`)
    const { returnUrl: _, ...asked } = wish
    expect(await readOpenedRequest(agency.postgres, requestId)).toEqual({
      ...asked,
      requestId,
      expiresAtMs,
      openedAtMs: agency.clock.nowMs(),
    })
  })
})
