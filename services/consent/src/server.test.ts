import { endpointsOf } from '@unefois/chassis/chain'
import { Idempotency } from '@unefois/chassis/idempotency'
import type { Consumers } from '@unefois/chassis/inbox'
import { inbox } from '@unefois/chassis/inbox'
import type { Postgres } from '@unefois/chassis/postgres'
import { ConsentChanged, ConsentState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { MemberId } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AgencyFixture, effect, openAgency } from './agency.fixture.js'
import {
  type AuthorityFixture,
  ask,
  callOf,
  memberCaller,
  openAuthority,
  personAt,
  portalAsk,
} from './authority.fixture.js'
import { queued, silent } from './database.fixture.js'
import { asker, assent, pseudonym, returnUrl, sourceOne, window } from './federation.fixture.js'
import { openConsentRequest } from './rpc/open-consent-request.js'
import { pushConsentRequest } from './rpc/push-consent-request.js'
import { consentAuthorityParts, consentParts } from './server.js'

let authority: AuthorityFixture
let requester: AgencyFixture
let provider: AgencyFixture
beforeAll(async () => {
  authority = await openAuthority('consent_server_authority')
  requester = await openAgency('consent_server_requester', asker)
  provider = await openAgency('consent_server_provider', sourceOne)
})
afterAll(() => Promise.all([authority, requester, provider].map(({ postgres }) => postgres.close())))

const needs = () => ({
  clock: authority.clock,
  log: silent,
  idempotency: new Idempotency(authority.postgres, authority.clock, Buffer.alloc(32, 7)),
  hasRole: () => true,
  verifyAccessToken: () => ({ kind: 'anyone' as const }),
})

/** Carries what waits for one receiver into its inbox, as the courier does. */
const carry = async (
  from: Postgres,
  receiver: string,
  sender: Parameters<typeof callOf>[1],
  to: { readonly postgres: Postgres; readonly consumers: Consumers; readonly afterCommit?: () => void },
) => {
  const { deliver } = inbox(to.postgres, to.consumers, to.afterCommit ?? (() => undefined))
  for (const [at, { type, topic, data }] of (await queued(from, receiver)).entries()) {
    const eventId = crypto.randomUUID()
    const occurredAtMs = authority.clock.nowMs()
    await ask(
      deliver,
      { eventId, type, topic, following: [], position: at + 1, data, occurredAtMs },
      callOf(authority.clock, sender),
    )
  }
}
const tell = (party: MemberId, agency: AgencyFixture) =>
  carry(authority.postgres, `${party}/consent`, memberCaller(assent, 'consent-authority'), {
    postgres: agency.postgres,
    consumers: consentParts(agency).consumers,
  })

describe('the doors', () => {
  it('open with an access rule and the idempotency of the contract for each RPC', () => {
    const member = consentParts(requester)
    expect(endpointsOf(member.definition, member.implementation, needs()).size).toBe(8)
    const central = consentAuthorityParts(authority)
    expect(endpointsOf(central.definition, central.implementation, needs()).size).toBe(7)
  })
})

describe('a consent', () => {
  it('goes from a request to a basis, and by a withdrawal out of force', async () => {
    const push = pushConsentRequest(authority)
    const agency = {
      ...requester,
      authorityOf: () => ({
        ...requester.remote,
        grantLease: () => Promise.reject(new TypeError('not asked')),
        pushConsentRequest: (request: Parameters<typeof requester.remote.pushConsentRequest>[0]) =>
          ask(push, request, callOf(authority.clock, memberCaller(asker))),
      }),
    }
    const wish = {
      subject: pseudonym('ada', asker) as string,
      purpose: 'agreed',
      providers: [sourceOne as string],
      evidenceTypes: ['income'],
      durationDays: 30,
      returnUrl,
    }
    const call = { ...callOf(requester.clock, personAt(asker, 'ada')), idempotencyKey: 'key-00000001' }
    const { requestId } = await effect(requester.postgres, openConsentRequest(agency), wish, call)
    const own = consentParts(requester).implementation
    const central = consentAuthorityParts(authority)
    const outcome = () => ask(own.getConsentOutcome, { requestId }, call)

    const ada = callOf(authority.clock, personAt(assent, 'ada'))
    const { consentId } = await ask(central.implementation.grantConsent, { requestId, language: 'fr' }, ada)
    await tell(asker, requester)
    await tell(sourceOne, provider)
    const { state, bases } = await outcome()
    expect(state).toBe(ConsentState.CONSENT_STATE_GIVEN)
    const [forDocuments] = await queued(provider.postgres, 'documents')
    expect(ConsentChanged.decode(forDocuments?.data ?? Buffer.alloc(0)).subject).toBe(pseudonym('ada', sourceOne))

    const portal = callOf(authority.clock, memberCaller(window, 'gateway'))
    await ask(central.implementation.revokeConsent, { ...portalAsk('ada'), consentId }, portal)
    await tell(asker, requester)
    await tell(sourceOne, provider)
    expect(await outcome()).toMatchObject({ state: ConsentState.CONSENT_STATE_WITHDRAWN, bases })
    expect(await queued(provider.postgres, 'documents')).toHaveLength(2)
  })
})
