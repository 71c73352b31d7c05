import type { Call } from '@unefois/chassis/rpc'
import { ExchangeMode } from '@unefois/proto/gen/unefois/consent/v1/consent'
import {
  AccessOutcome,
  type ReleaseEvidenceRequest,
  type ReleaseEvidenceResponse,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { basis, members, notice, person, purposes, startMs, types } from './federation.fixture.js'
import { callOf, type MemberParts, openMember } from './member.fixture.js'
import { getExchange } from './rpc/get-exchange.js'
import { askOnce, requestEvidence } from './rpc/request-evidence.js'

const evidence = {
  valueJson: '{"amount":700}',
  version: 3,
  asOfMs: startMs,
  predicates: [],
  keepUntilMs: startMs + 1e9,
}
const released: ReleaseEvidenceResponse = { outcome: { $case: 'evidence', value: evidence } }
const late: ReleaseEvidenceResponse = { outcome: { $case: 'pending', value: { retryAfterMs: 60_000 } } }

let requester: MemberParts
let sent: ReleaseEvidenceRequest[]
let provider: () => Promise<ReleaseEvidenceResponse>

beforeAll(async () => {
  requester = await openMember(members.requester, {
    consent: {
      getBasis: async ({ basisId }) => ({
        subject: person(basisId.slice(3).replace(/_+$/, '')),
        provider: members.provider,
        purpose: purposes.rate,
        evidenceTypes: [types.income],
        mode: ExchangeMode.EXCHANGE_MODE_INFORMATION,
        statement: notice({ basis: basisId as never }),
      }),
      renewLease: () => Promise.reject(new MeshError('UNAVAILABLE')),
    },
    identity: {
      requestTicket: async ({ subject, loginHandle }) => ({
        ticket: `${subject} ${loginHandle}`,
        expiresAtSeconds: startMs / 1000 + 1e6,
      }),
    },
    documentsOf: () => ({
      releaseEvidence: (release) => {
        sent.push(release)
        return provider()
      },
    }),
  })
})
beforeEach(() => {
  sent = []
  provider = async () => late
})
afterAll(() => requester.close())

const system: Call['caller'] = { kind: 'system', clientId: 'town-hall', scopes: ['evidence:request'] }
const personCalling = (name: string): Call['caller'] => ({
  kind: 'person',
  clientId: 'portal',
  subject: person(name),
  acr: 'eidas1',
  authTimeSeconds: startMs / 1000,
  loginHandle: 'a-login',
})

/** Asks what the provider will know in a minute; answers the exchange id that the agency is told. */
const askLater = async (name: string, caller: Call['caller'] = system): Promise<string> => {
  const request = {
    subject: person(name),
    provider: members.provider,
    evidenceType: types.income,
    purpose: purposes.rate,
    procedure: 'meal-rate-2027',
    basisId: basis(name),
    fields: [],
    predicates: [],
  }
  const { exchangeId, outcome } = await requestEvidence(requester).handle(request, callOf(caller, requester.clock))
  expect(outcome).toEqual(late.outcome)
  sent = []
  return exchangeId
}
const after = async (ms: number): Promise<void> => {
  requester.clock.advance(ms)
  await requester.laterDelivery.deliverDue(askOnce(requester))
}
const read = (exchangeId: string, caller: Call['caller'] = system) =>
  getExchange(requester).handle({ exchangeId }, callOf(caller, requester.clock))

describe('what a provider will answer later', () => {
  it('is refused then when the consent was withdrawn meanwhile, as the record says, and not asked for again', async () => {
    const exchangeId = await askLater('withdrawn')
    provider = () => Promise.reject(new MeshError('CONSENT_REVOKED'))
    await after(60_000)
    expect(await read(exchangeId)).toMatchObject({
      access: { outcome: AccessOutcome.ACCESS_OUTCOME_REFUSED, reason: 'CONSENT_REVOKED' },
    })
    sent = []
    await after(3_600_000)
    expect(sent).toEqual([])
  })

  it('stays between the person who asked and their agency', async () => {
    const exchangeId = await askLater('private', personCalling('private'))
    provider = async () => released
    await after(60_000)
    await expect(read(exchangeId, personCalling('eve'))).rejects.toMatchObject({ reason: 'EXCHANGE_UNKNOWN' })
  })

  it('is asked for when it is due and no sooner, as another exchange, in the name of whoever asked', async () => {
    const exchangeId = await askLater('patient', personCalling('patient'))
    provider = async () => released
    await after(59_999)
    expect(sent).toEqual([])
    await after(1)
    expect(sent).toMatchObject([{ ticket: `${person('patient')} a-login` }])
    expect(sent[0]?.exchangeId).not.toBe(exchangeId)
    expect(await read(exchangeId, personCalling('patient'))).toMatchObject({
      access: { exchangeId: sent[0]?.exchangeId, outcome: AccessOutcome.ACCESS_OUTCOME_RELEASED },
      evidence: { valueJson: evidence.valueJson },
    })
    const uses = await requester.accesses.list(person('patient'), undefined, 10)
    expect(uses.map(({ receipt }) => receipt?.record.outcome)).toEqual(['released', 'pending'])
  })

  it('is asked for until it comes, when the provider is late again or cannot be reached', async () => {
    const exchangeId = await askLater('very-late')
    await after(60_000)
    provider = () => Promise.reject(new MeshError('PROVIDER_UNREACHABLE'))
    await after(60_000)
    provider = async () => released
    await after(299_999)
    expect(sent).toHaveLength(2)
    await after(1)
    expect(sent).toHaveLength(3)
    expect((await read(exchangeId)).evidence?.valueJson).toBe(evidence.valueJson)
  })
})
