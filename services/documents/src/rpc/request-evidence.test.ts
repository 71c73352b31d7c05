import type { Call } from '@unefois/chassis/rpc'
import { ExchangeMode, type GetBasisResponse } from '@unefois/proto/gen/unefois/consent/v1/consent'
import {
  AccessOutcome,
  type Evidence,
  type ReleaseEvidenceRequest,
  type ReleaseEvidenceResponse,
  type RequestEvidenceRequest,
  type RequestEvidenceResponse,
  RouteCause,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ExchangeRecord } from '../domain/exchange-record.js'
import { basis, explicitRequest, members, notice, person, purposes, startMs, types } from '../federation.fixture.js'
import { callOf, type MemberParts, openMember, type Surroundings } from '../member.fixture.js'
import { getExchange } from './get-exchange.js'
import { requestEvidence } from './request-evidence.js'

const evidence: Evidence = {
  valueJson: '{"amount":700}',
  version: 3,
  asOfMs: startMs,
  predicates: [],
  keepUntilMs: startMs + 3_600_000,
}
const released: ReleaseEvidenceResponse = { outcome: { $case: 'evidence', value: evidence } }

/** The neighbours and the provider, as one test after the other wants them. */
interface Neighbours {
  getBasis: (basisId: string) => Promise<GetBasisResponse>
  requestTicket: NonNullable<Surroundings['identity']>['requestTicket']
  releaseEvidence: (request: ReleaseEvidenceRequest, call: Pick<Call, 'deadline'>) => Promise<ReleaseEvidenceResponse>
}
let neighbours: Neighbours
let sent: ReleaseEvidenceRequest[]
let requester: MemberParts

const told = (name: string, given: Partial<GetBasisResponse> = {}): GetBasisResponse => ({
  subject: person(name),
  provider: members.provider,
  purpose: purposes.rate,
  evidenceTypes: [types.income],
  mode: ExchangeMode.EXCHANGE_MODE_INFORMATION,
  statement: notice({ basis: basis(name) }),
  ...given,
})
const asked = (name: string, given: Partial<GetBasisResponse> = {}): GetBasisResponse =>
  told(name, {
    purpose: purposes.grant,
    mode: ExchangeMode.EXCHANGE_MODE_EXPLICIT_REQUEST,
    statement: explicitRequest({ basis: basis(name) }),
    ...given,
  })
const nameOf = (basisId: string): string => basisId.slice(3).replace(/_+$/, '')

beforeAll(async () => {
  requester = await openMember(members.requester, {
    consent: {
      getBasis: ({ basisId }) => neighbours.getBasis(basisId),
      renewLease: () => Promise.reject(new MeshError('UNAVAILABLE')),
    },
    identity: { requestTicket: (...asked) => neighbours.requestTicket(...asked) },
    documentsOf: () => ({
      releaseEvidence: (release, call) => {
        sent.push(release)
        return neighbours.releaseEvidence(release, call)
      },
    }),
  })
})
beforeEach(() => {
  sent = []
  neighbours = {
    getBasis: async (basisId) => told(nameOf(basisId)),
    requestTicket: async ({ subject, loginHandle }) => ({
      ticket: `${subject} ${loginHandle}`,
      expiresAtSeconds: startMs / 1000 + 3600,
    }),
    releaseEvidence: async () => released,
  }
})
afterAll(() => requester.close())

const asking = (name: string, given: Partial<RequestEvidenceRequest> = {}): RequestEvidenceRequest => ({
  subject: person(name),
  provider: members.provider,
  evidenceType: types.income,
  purpose: purposes.rate,
  procedure: 'meal-rate-2027',
  basisId: basis(name),
  fields: [],
  predicates: [],
  ...given,
})

const system: Call['caller'] = { kind: 'system', clientId: 'town-hall', scopes: ['evidence:request'] }
const personCalling = (name: string): Call['caller'] => ({
  kind: 'person',
  clientId: 'portal',
  subject: person(name),
  acr: 'eidas1',
  authTimeSeconds: startMs / 1000,
  loginHandle: 'a-login',
})

const ask = (request: RequestEvidenceRequest, caller: Call['caller'] = system): Promise<RequestEvidenceResponse> => {
  const rpc = requestEvidence(requester)
  expect(rpc.request.safeParse(request).error).toBeUndefined()
  return rpc.handle(request, callOf(caller, requester.clock))
}
const read = (exchangeId: string, caller: Call['caller'] = system) =>
  getExchange(requester).handle({ exchangeId }, callOf(caller, requester.clock))

const accessesOf = (name: string) => requester.accesses.list(person(name), undefined, 100)
const recordsOf = async (name: string): Promise<ExchangeRecord[]> =>
  (await accessesOf(name)).flatMap(({ opening, receipt }) => [opening.record, ...(receipt ? [receipt.record] : [])])

const expectRefusedHere = async (name: string, asked: Promise<unknown>, reason: Reason): Promise<void> => {
  await expect(asked).rejects.toMatchObject({ reason })
  expect(sent).toEqual([])
  expect(await recordsOf(name)).toEqual([])
}

describe('RequestEvidence', () => {
  describe('refuses before anything leaves', () => {
    it('a person who names another', async () => {
      await expectRefusedHere('ada', ask(asking('ada'), personCalling('eve')), 'CALLER_NOT_ALLOWED')
    })

    it.each([
      ['a provider that is no member', { provider: 'nobody' }, 'MEMBER_UNKNOWN'],
      ['a provider whose approval has ended', { provider: members.closed }, 'MEMBER_UNKNOWN'],
      ['an unknown evidence type', { evidenceType: 'horoscope' }, 'EVIDENCE_TYPE_UNKNOWN'],
      ['an unknown purpose', { purpose: 'curiosity' }, 'PURPOSE_NOT_AUTHORISED'],
      ['a provider that has authorised nothing', { provider: members.stranger }, 'PURPOSE_NOT_AUTHORISED'],
      ['a field that is not authorised', { fields: ['address'] }, 'FIELD_NOT_AUTHORISED'],
      [
        'a predicate without its second person',
        { predicates: [{ predicate: 'child-of', argumentSubject: '' }] },
        'FIELD_NOT_AUTHORISED',
      ],
    ] as const)('%s', async (_, given, reason) => {
      const { fields = [], predicates = [], ...rest } = { ...given } as Partial<RequestEvidenceRequest>
      await expectRefusedHere('gates', ask(asking('gates', { ...rest, fields, predicates })), reason)
    })

    it.each([
      ['person', 'b-person', { subject: person('eve') }],
      ['provider', 'b-provider', { provider: members.stranger }],
      ['purpose', 'b-purpose', { purpose: purposes.card }],
      ['evidence type', 'b-type', { evidenceTypes: [types.household] }],
      ['mode', 'b-mode', { mode: ExchangeMode.EXCHANGE_MODE_CONSENT }],
    ])('the basis of another %s', async (_, name, given) => {
      neighbours.getBasis = async () => told(name, given)
      await expectRefusedHere(name, ask(asking(name)), 'NOTICE_MISMATCH')
    })

    it('a consent that is another’s', async () => {
      neighbours.getBasis = async () =>
        told('eve', { purpose: purposes.card, mode: ExchangeMode.EXCHANGE_MODE_CONSENT, statement: 'artefact' })
      await expectRefusedHere('c-other', ask(asking('c-other', { purpose: purposes.card })), 'CONSENT_MISMATCH')
    })

    it('an explicit request without the person’s own session', async () => {
      neighbours.getBasis = async () => asked('in-their-place')
      const request = asking('in-their-place', { purpose: purposes.grant })
      await expect(ask(request)).rejects.toMatchObject({ facts: { required_acr: 'eidas1' } })
      await expectRefusedHere('in-their-place', ask(request), 'ASSURANCE_TOO_LOW')
    })

    it.each([
      ['a notice', 'w-notice', () => told('w-notice', { purpose: purposes.grant })],
      ['the request of another', 'w-other', () => asked('eve')],
      ['a request for another purpose', 'w-purpose', () => asked('w-purpose', { purpose: purposes.rate })],
    ])('an explicit request that rests on %s', async (_, name, basisOf) => {
      neighbours.getBasis = async () => basisOf()
      const request = asking(name, { purpose: purposes.grant })
      await expectRefusedHere(name, ask(request, personCalling(name)), 'STATEMENT_MISMATCH')
    })

    it('what its own consent or identity service refuses', async () => {
      neighbours.getBasis = () => Promise.reject(new MeshError('NOTICE_REQUIRED'))
      await expectRefusedHere('unknown', ask(asking('unknown')), 'NOTICE_REQUIRED')
      neighbours.getBasis = async (basisId) => told(nameOf(basisId))
      neighbours.requestTicket = () => Promise.reject(new MeshError('SUBJECT_UNKNOWN'))
      await expectRefusedHere('unknown', ask(asking('unknown')), 'SUBJECT_UNKNOWN')
    })
  })

  describe('when the provider refuses', () => {
    it('says so with the provider’s reason, on record as a refused receipt', async () => {
      neighbours.releaseEvidence = () => Promise.reject(new MeshError('CONSENT_REVOKED'))
      await expect(ask(asking('refused'))).rejects.toMatchObject({ reason: 'CONSENT_REVOKED' })
      const [request, receipt] = await recordsOf('refused')
      expect(request).toMatchObject({ kind: 'request', outcome: 'sent' })
      expect(receipt).toMatchObject({ kind: 'receipt', outcome: 'refused', reason: 'CONSENT_REVOKED' })
      const { access, evidence } = await read(request?.exchange_id ?? '')
      expect(access).toMatchObject({ outcome: AccessOutcome.ACCESS_OUTCOME_REFUSED, reason: 'CONSENT_REVOKED' })
      expect(evidence).toBeUndefined()
    })

    it('does not take the reply to another request for a refusal: this one stays unconfirmed', async () => {
      neighbours.releaseEvidence = () => Promise.reject(new MeshError('REPLY_MISMATCH'))
      await expect(ask(asking('mismatch'))).rejects.toMatchObject({ reason: 'REPLY_MISMATCH' })
      expect(await recordsOf('mismatch')).toMatchObject([{ kind: 'request', outcome: 'sent' }])
    })
  })

  describe('gives another route, never a refusal of the person', () => {
    const unreachable = { $case: 'otherRoute', value: { cause: RouteCause.ROUTE_CAUSE_UNREACHABLE } }

    it.each(['PROVIDER_UNREACHABLE', 'DEADLINE_EXCEEDED', 'UNAVAILABLE', 'INTERNAL'] as const)(
      'when no answer came (%s), and shows the request as unconfirmed',
      async (reason) => {
        const name = reason.toLowerCase().replaceAll('_', '-')
        neighbours.releaseEvidence = () => Promise.reject(new MeshError(reason))
        const { exchangeId, outcome } = await ask(asking(name))
        expect(outcome).toMatchObject(unreachable)
        expect(await recordsOf(name)).toMatchObject([{ kind: 'request', outcome: 'sent' }])
        expect((await read(exchangeId)).access?.outcome).toBe(AccessOutcome.ACCESS_OUTCOME_UNCONFIRMED)
      },
    )

    it.each([
      ['the identity authority is away', 'no-ticket', 'requestTicket'],
      ['its own consent service is away', 'no-basis', 'getBasis'],
    ] as const)('when %s: nothing was sent, and the record says so', async (_, name, neighbour) => {
      const away = () => Promise.reject(new MeshError('PROVIDER_UNREACHABLE'))
      neighbours = { ...neighbours, [neighbour]: away }
      const { exchangeId, outcome } = await ask(asking(name))
      expect(outcome).toMatchObject(unreachable)
      expect(sent).toEqual([])
      expect(await recordsOf(name)).toMatchObject([{ kind: 'request', outcome: 'unreachable' }])
      expect((await read(exchangeId)).access?.outcome).toBe(AccessOutcome.ACCESS_OUTCOME_NO_EVIDENCE)
    })

    it.each([
      ['absent', RouteCause.ROUTE_CAUSE_ABSENT],
      ['stale', RouteCause.ROUTE_CAUSE_STALE],
      ['unreachable', RouteCause.ROUTE_CAUSE_UNREACHABLE],
      ['ambiguous', RouteCause.ROUTE_CAUSE_AMBIGUOUS],
    ])('when evidence is %s, with the routes of its own federation list', async (name, cause) => {
      const routes = [{ kind: 'counter', textFr: 'Payez ici', textEn: 'Pay here' }]
      neighbours.releaseEvidence = async () => ({ outcome: { $case: 'otherRoute', value: { cause, routes } } })
      expect((await ask(asking(name))).outcome).toEqual({
        $case: 'otherRoute',
        value: {
          cause,
          routes: [{ kind: 'counter', textFr: 'Come to the counter (fr)', textEn: 'Come to the counter (en)' }],
        },
      })
      expect(await recordsOf(name)).toMatchObject([{ kind: 'request' }, { kind: 'receipt', outcome: name }])
    })

    it('when the provider answered nothing that this version knows', async () => {
      neighbours.releaseEvidence = async () => ({})
      expect((await ask(asking('newer'))).outcome).toMatchObject(unreachable)
      expect(await recordsOf('newer')).toMatchObject([{ kind: 'request' }, { kind: 'receipt', outcome: 'unreachable' }])
    })

    it('when the provider will know later', async () => {
      neighbours.releaseEvidence = async () => ({ outcome: { $case: 'pending', value: { retryAfterMs: 5000 } } })
      expect((await ask(asking('later'))).outcome).toEqual({ $case: 'pending', value: { retryAfterMs: 5000 } })
      expect(await recordsOf('later')).toMatchObject([{ kind: 'request' }, { kind: 'receipt', outcome: 'pending' }])
    })
  })

  it('is on record before it is sent', async () => {
    let atSending: ExchangeRecord[] = []
    neighbours.releaseEvidence = async () => {
      atSending = await recordsOf('before')
      return released
    }
    await ask(asking('before', { fields: ['amount'] }))
    expect(atSending).toMatchObject([{ kind: 'request', outcome: 'sent', fields: ['amount'] }])
  })

  it('has its receipt and the evidence committed before the evidence is handed on', async () => {
    const order: string[] = []
    const { exchangeLog } = requester
    const watched = {
      commit: async (entry: Parameters<typeof exchangeLog.commit>[0]) => {
        const refusal = await exchangeLog.commit(entry)
        order.push(`${entry.record.kind}${entry.received ? ' with evidence' : ''}`)
        return refusal
      },
    } as typeof exchangeLog
    await requestEvidence({ ...requester, exchangeLog: watched }).handle(
      asking('order'),
      callOf(system, requester.clock),
    )
    order.push('handed on')
    expect(order).toEqual(['request', 'receipt with evidence', 'handed on'])
  })

  it('hands on no evidence whose receipt could not be committed', async () => {
    const { exchangeLog } = requester
    const failing = {
      commit: async (entry: Parameters<typeof exchangeLog.commit>[0]) => {
        if (entry.record.kind === 'receipt') throw new MeshError('UNAVAILABLE')
        return exchangeLog.commit(entry)
      },
    } as typeof exchangeLog
    const asked = requestEvidence({ ...requester, exchangeLog: failing }).handle(
      asking('no-receipt'),
      callOf(system, requester.clock),
    )
    await expect(asked).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
    expect(await recordsOf('no-receipt')).toMatchObject([{ kind: 'request', outcome: 'sent' }])
  })

  it('sends the notice, its tickets and its own exchange id, with the login only for the person who logged in', async () => {
    const request = asking('mother', {
      fields: ['year'],
      predicates: [
        { predicate: 'child-of', argumentSubject: person('child') },
        { predicate: 'low-income', argumentSubject: '' },
      ],
    })
    const { exchangeId, outcome } = await ask(request, personCalling('mother'))
    expect(outcome).toEqual(released.outcome)
    expect(sent).toEqual([
      {
        evidenceType: types.income,
        purpose: purposes.rate,
        procedure: 'meal-rate-2027',
        basisId: basis('mother'),
        statement: notice({ basis: basis('mother') }),
        ticket: `${person('mother')} a-login`,
        fields: ['year'],
        predicates: [
          { predicate: 'child-of', argumentTicket: `${person('child')} ` },
          { predicate: 'low-income', argumentTicket: '' },
        ],
        exchangeId,
      },
    ])
  })

  it('sends no statement in consent mode, where the provider has its own copy', async () => {
    const given = { purpose: purposes.card, mode: ExchangeMode.EXCHANGE_MODE_CONSENT, statement: 'artefact' }
    neighbours.getBasis = async (basisId) => told(nameOf(basisId), given)
    await ask(asking('agreed', { purpose: purposes.card }))
    expect(sent).toMatchObject([{ statement: '' }])
    expect(await recordsOf('agreed')).toMatchObject([{ mode: 'consent' }, { mode: 'consent' }])
  })

  it('sends the person’s own request, with their login', async () => {
    neighbours.getBasis = async () => asked('wanting')
    await ask(asking('wanting', { purpose: purposes.grant }), personCalling('wanting'))
    expect(sent).toMatchObject([
      { statement: explicitRequest({ basis: basis('wanting') }), ticket: `${person('wanting')} a-login` },
    ])
    expect(await recordsOf('wanting')).toMatchObject([{ mode: 'explicit-request' }, { kind: 'receipt' }])
  })

  it('asks anew on each retry, under another exchange id', async () => {
    const [first, second] = [await ask(asking('again')), await ask(asking('again'))]
    expect(first.exchangeId).not.toBe(second.exchangeId)
    expect(sent).toHaveLength(2)
  })

  it('keeps evidence no longer than it is authorised to, whatever the provider says', async () => {
    const keepUntilMs = startMs + 9_999_000_000
    neighbours.releaseEvidence = async () => ({ outcome: { $case: 'evidence', value: { ...evidence, keepUntilMs } } })
    const { exchangeId, outcome } = await ask(asking('long'))
    expect(outcome).toMatchObject({ value: { keepUntilMs: startMs + 3_600_000 } })
    expect((await read(exchangeId)).evidence?.keepUntilMs).toBe(startMs + 3_600_000)
  })
})
