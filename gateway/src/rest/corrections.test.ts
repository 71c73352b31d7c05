import {
  type Contest,
  ContestState,
  type Correction,
  CorrectionOutcome,
  type Holding,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { gatewayForTest, personToken, subject, systemToken } from '../gateway.fixture.js'

const atMs = 1_700_000_000_000
const at = new Date(atMs).toISOString()
const keyed = { 'content-type': 'application/json', 'idempotency-key': 'key-12345678' }
const bySystem = { authorization: `Bearer ${systemToken('hall')}` }
const byPerson = { authorization: `Bearer ${personToken('portal')}` }

const correction: Correction = {
  correctionId: 'c1',
  exchangeId: 'x1',
  subject,
  provider: 'fund',
  evidenceType: 'resources',
  purpose: 'school-meals',
  procedure: 'p',
  wrongVersion: 1,
  correctedVersion: 0,
  correctedAtMs: atMs,
  heardAtMs: atMs,
  outcome: CorrectionOutcome.CORRECTION_OUTCOME_UNSPECIFIED,
  answeredAtMs: 0,
}
const contest: Contest = {
  contestId: 'k1',
  subject,
  evidenceType: 'resources',
  version: 3,
  field: '',
  statement: 'It is wrong.',
  state: ContestState.CONTEST_STATE_UPHELD,
  contestedAtMs: atMs,
  answeredAtMs: atMs,
  upheld: { reasons: 'Why', remedies: 'Where', routes: [{ kind: 'counter', textFr: 'a', textEn: 'b' }] },
  reportId: '',
}
const portalOf = (correctionsOf: NonNullable<Parameters<typeof gatewayForTest>[1]>['correctionsOf']) =>
  gatewayForTest('portal', {
    identity: {
      listKnowingMembers: async () => ({ members: ['fund', 'hall'], tickets: [] }),
      requestTicket: async ({ provider }) => ({ ticket: `ticket for ${provider}`, expiresAtSeconds: atMs / 1000 }),
    },
    ...(correctionsOf && { correctionsOf }),
  })

describe('corrections over REST', () => {
  it.each<[string, string, object]>([
    [
      'versions out of order in shape',
      '/v1/corrections',
      { subject, evidenceType: 'resources', versions: { firstVersion: 0 } },
    ],
    ['an outcome that is none', '/v1/corrections/c1/answer', { outcome: 'undone' }],
    ['a no without remedies', '/v1/contests/k1/answer', { outcome: 'upheld', reasons: 'x'.repeat(30) }],
    ['a yes without versions', '/v1/contests/k1/answer', { outcome: 'corrected' }],
  ])('refuses %s, and asks no service', async (_, url, payload) => {
    const { app, calls } = await gatewayForTest('agency')
    const answer = await app.inject({ method: 'POST', url, payload, headers: { ...bySystem, ...keyed } })
    expect(answer.json()).toMatchObject({ reason: 'REQUEST_INVALID' })
    expect(calls).toEqual([])
  })

  it('refuses an effect without a key', async () => {
    const { app } = await gatewayForTest('agency')
    const headers = { ...bySystem, 'content-type': 'application/json' }
    const payload = { outcome: 'acted' }
    const answer = await app.inject({ method: 'POST', url: '/v1/corrections/c1/answer', payload, headers })
    expect(answer.json().reason).toBe('IDEMPOTENCY_KEY_MISSING')
  })

  it('lists from a position, in the state and of the exchange asked for', async () => {
    const { app, calls } = await gatewayForTest('agency', {
      corrections: { listCorrections: async () => ({ corrections: [correction], nextPageToken: '7' }) },
    })
    const url = '/v1/corrections?state=open&exchangeId=x1&pageToken=6'
    const answer = await app.inject({ method: 'GET', url, headers: bySystem })
    expect(answer.json()).toMatchObject({
      corrections: [{ correctionId: 'c1', correctedVersion: 0, correctedAt: at, outcome: null, answeredAt: null }],
      nextPageToken: '7',
    })
    expect(calls.at(-1)?.request).toMatchObject({ listed: 1, pageSize: 0, pageToken: '6', exchangeId: 'x1' })
  })

  it('answers with the key of the caller, and passes a refusal on', async () => {
    const { app, calls } = await gatewayForTest('agency', {
      corrections: {
        answerCorrection: () => {
          throw new MeshError('CORRECTION_ANSWERED')
        },
      },
    })
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/corrections/c1/answer',
      payload: { outcome: 'not-concerned' },
      headers: { ...bySystem, ...keyed },
    })
    expect([answer.statusCode, answer.json().reason]).toEqual([409, 'CORRECTION_ANSWERED'])
    expect(calls.at(-1)).toMatchObject({
      request: { correctionId: 'c1', outcome: CorrectionOutcome.CORRECTION_OUTCOME_NOT_CONCERNED },
      call: { idempotencyKey: 'key-12345678' },
    })
  })

  it('reports, and says where the report is', async () => {
    const { app } = await gatewayForTest('agency', {
      corrections: { reportCorrection: async () => ({ reportId: 'r1', exchanges: 2, withdrawnInVersion: 0 }) },
    })
    const versions = { firstVersion: 1, lastVersion: 2, correctedVersion: 3 }
    const payload = { subject, evidenceType: 'resources', versions }
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/corrections',
      payload,
      headers: { ...bySystem, ...keyed },
    })
    expect(answer.statusCode).toBe(201)
    expect(answer.headers.location).toBe('/v1/correction-reports/r1')
    expect(answer.json()).toEqual({ reportId: 'r1', exchanges: 2, withdrawnInVersion: null })
  })

  it('shows the agency whom a contest is about', async () => {
    const { app, calls } = await gatewayForTest('agency', {
      corrections: { listContests: async () => ({ contests: [contest], nextPageToken: '3' }) },
    })
    const answer = await app.inject({ method: 'GET', url: '/v1/contests?state=upheld', headers: bySystem })
    expect(answer.json().contests).toMatchObject([{ subject, field: null, state: 'upheld', reportId: null }])
    expect(calls.at(-1)?.request).toMatchObject({ state: ContestState.CONTEST_STATE_UPHELD })
  })
})

describe('what is held about a person', () => {
  const held: Holding[] = [
    {
      evidenceType: 'resources',
      origin: { $case: 'register', value: { answer: { $case: 'unreachable', value: {} } } },
      valueJson: '',
      isValueLeftOut: false,
    },
    {
      evidenceType: 'resources',
      origin: { $case: 'declared', value: { version: 2, asOfMs: atMs } },
      valueJson: '{"a":1}',
      isValueLeftOut: false,
    },
  ]

  it('is refused to a system, and to a page token without its member', async () => {
    const { app } = await portalOf(undefined)
    const system = { authorization: `Bearer ${systemToken('portal')}` }
    expect((await app.inject({ method: 'GET', url: '/v1/me/holdings', headers: system })).json().reason).toBe(
      'CALLER_NOT_ALLOWED',
    )
    const url = '/v1/me/holdings?pageToken=own.a'
    expect((await app.inject({ method: 'GET', url, headers: byPerson })).json().reason).toBe('REQUEST_INVALID')
  })

  it('is asked of each member under a ticket of its own; the unreachable are named', async () => {
    const { app, calls } = await portalOf((member) => ({
      listHoldings: async () => {
        if (member === 'hall') throw new MeshError('PROVIDER_UNREACHABLE')
        return { holdings: held, nextPageToken: 'received.' }
      },
    }))
    const answer = await app.inject({ method: 'GET', url: '/v1/me/holdings', headers: byPerson })
    expect(answer.json()).toEqual({
      holdings: [
        expect.objectContaining({ agency: 'fund', origin: 'register', isReached: false, value: null, version: null }),
        expect.objectContaining({ agency: 'fund', origin: 'declared', isReached: true, value: { a: 1 }, asOf: at }),
      ],
      members: [
        { member: 'fund', isReached: true, nextPageToken: 'received.' },
        { member: 'hall', isReached: false, reason: 'PROVIDER_UNREACHABLE' },
      ],
    })
    const asked = calls.filter(({ rpc }) => rpc.endsWith('listHoldings')).map(({ request }) => request)
    expect(asked).toMatchObject([{ ticket: 'ticket for fund' }, { ticket: 'ticket for hall' }])
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('is refused as a whole when the login itself is refused', async () => {
    const { app } = await portalOf(() => ({
      listHoldings: async () => {
        throw new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: 'eidas1' } })
      },
    }))
    const answer = await app.inject({ method: 'GET', url: '/v1/me/holdings', headers: byPerson })
    expect([answer.statusCode, answer.json().reason]).toEqual([403, 'ASSURANCE_TOO_LOW'])
  })

  it('goes on at one member', async () => {
    const { app, calls } = await portalOf(() => ({ listHoldings: async () => ({ holdings: [], nextPageToken: '' }) }))
    const url = '/v1/me/holdings?member=fund&pageToken=received.'
    expect((await app.inject({ method: 'GET', url, headers: byPerson })).json().members).toEqual([
      { member: 'fund', isReached: true },
    ])
    const asked = calls.filter(({ rpc }) => rpc.endsWith('listHoldings'))
    expect(asked.map(({ request }) => request)).toMatchObject([{ pageToken: 'received.' }])
  })
})

describe('a contest at the portal', () => {
  const body = { agency: 'fund', evidenceType: 'resources', version: 3, statement: 'It is wrong.' }
  const send = async (keys: readonly string[], changes: object = {}) => {
    const { app, calls } = await portalOf(() => ({ contestEvidence: async () => ({ contestedAtMs: atMs }) }))
    for (const key of keys)
      await app.inject({
        method: 'POST',
        url: '/v1/me/contests',
        payload: { ...body, ...changes },
        headers: { ...byPerson, ...keyed, 'idempotency-key': key },
      })
    return calls
      .filter(({ rpc }) => rpc.endsWith('contestEvidence'))
      .map(({ request }) => request as { contestId: string })
  }

  it('is refused when it says nothing or too much', async () => {
    for (const changes of [{ statement: '' }, { statement: 'x'.repeat(2001) }, { version: 0 }, { agency: 'A B' }])
      expect(await send(['key-12345678'], changes)).toEqual([])
  })

  it('is one contest for one key and person, and a valid UUID', async () => {
    const [first, again, other] = await send(['key-12345678', 'key-12345678', 'key-another-one'])
    expect(first?.contestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(again?.contestId).toBe(first?.contestId)
    expect(other?.contestId).not.toBe(first?.contestId)
  })

  it('is seen with its answer, the reasons, the remedies and where a human is', async () => {
    const { app } = await portalOf((member) => ({
      listOwnContests: async () => ({ contests: member === 'fund' ? [contest] : [], nextPageToken: '' }),
    }))
    const answer = await app.inject({ method: 'GET', url: '/v1/me/contests', headers: byPerson })
    expect(answer.json().contests).toEqual([
      {
        agency: 'fund',
        contestId: 'k1',
        evidenceType: 'resources',
        version: 3,
        field: null,
        statement: 'It is wrong.',
        state: 'upheld',
        contestedAt: at,
        answeredAt: at,
        corrected: null,
        upheld: { reasons: 'Why', remedies: 'Where', routes: [{ kind: 'counter', text: { fr: 'a', en: 'b' } }] },
      },
    ])
    expect(answer.body).not.toContain(subject)
  })
})
