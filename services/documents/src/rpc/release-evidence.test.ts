import type { Call } from '@unefois/chassis/rpc'
import { type ReleaseEvidenceRequest, RouteCause } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { ReadEvidenceResponse } from '@unefois/proto/gen/unefois/source/v1/source'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { afterAll, describe, expect, it } from 'vitest'
import { RefusalBudget } from '../domain/refusal-budget.js'
import {
  basis,
  members,
  person,
  purposes,
  signedList,
  startMs,
  startSeconds,
  ticket,
  types,
} from '../federation.fixture.js'
import { callFrom, type MemberParts, openMember } from '../member.fixture.js'
import { releaseEvidence } from './release-evidence.js'
import { consented, declareTo, income, informed, openProvider } from './releasing.fixture.js'

const { provider, register, declare, agree, release, recordsOf, close } = await openProvider()
afterAll(close)

describe('ReleaseEvidence', () => {
  it('refuses whoever is not a member', async () => {
    const callers: Call['caller'][] = [
      { kind: 'anyone' },
      { kind: 'neighbour', service: 'consent' },
      { kind: 'system', clientId: 'portal', scopes: ['evidence:request'] },
    ]
    for (const caller of callers) {
      const call = { ...callFrom(members.requester, provider.clock), caller }
      await expect(releaseEvidence(provider).handle(informed('anyone'), call)).rejects.toMatchObject({
        reason: 'CALLER_NOT_ALLOWED',
      })
    }
  })

  it.each([
    ['an exchange id that is none', { exchangeId: 'exchange' }],
    ['a basis that is none', { basisId: 'basis' }],
    ['a purpose in another form', { purpose: 'Any purpose' }],
    ['no ticket', { ticket: '' }],
    ['too many fields', { fields: Array(101).fill('amount') }],
    ['too many predicates', { predicates: Array(11).fill({ predicate: 'low-income', argumentTicket: '' }) }],
    ['a statement that is too long', { statement: 'x'.repeat(8193) }],
  ])('refuses %s as it reads the request', (_, given) => {
    expect(releaseEvidence(provider).request.safeParse({ ...informed('shape'), ...given }).success).toBe(false)
  })

  it('refuses a predicate beyond its limit for the day, and answers it again the next', async () => {
    const own = await openMember(members.provider)
    await declareTo(own, 'limit')
    const ask = () =>
      releaseEvidence(own).handle(
        informed(
          'limit',
          { predicates: [{ predicate: 'low-income', argumentTicket: '' }] },
          { exp: startSeconds + 86_400 },
        ),
        callFrom(members.requester, own.clock),
      )
    const outcomes = await Promise.allSettled([ask(), ask(), ask(), ask()])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    await expect(ask()).rejects.toMatchObject({ reason: 'PREDICATE_LIMIT_REACHED' })
    own.clock.advance(86_000_000)
    await own.publish(signedList({ serial: 2, issuedAtSeconds: startSeconds + 86_000 }))
    expect((await ask()).outcome?.$case).toBe('evidence')
    await own.close()
  })

  it('does not count a predicate that the evidence could not answer', async () => {
    for (let time = 0; time < 5; time++) {
      const request = informed('nowhere', { predicates: [{ predicate: 'low-income', argumentTicket: '' }] })
      expect((await release(request)).outcome?.$case).toBe('otherRoute')
    }
  })

  describe('after an earlier refusal', () => {
    const early = (
      name: string,
      member: string,
      { reason = 'SENDER_MISMATCH', ...given }: Partial<ReleaseEvidenceRequest> & { reason?: Reason } = {},
    ) =>
      releaseEvidence(provider).onEarlyRefusal?.({
        request: informed(name, given),
        member,
        error: new MeshError(reason),
      })

    it('records no refusal where something merely failed', async () => {
      for (const reason of ['DEADLINE_EXCEEDED', 'UNAVAILABLE', 'INTERNAL'] as const)
        await early('failed', members.requester, { reason })
      expect(await recordsOf('failed')).toEqual([])
    })

    it('puts it on record under the person, against the member that the broker proved', async () => {
      await early('replayed', members.stranger)
      expect(await recordsOf('replayed')).toMatchObject([
        { kind: 'refusal', reason: 'SENDER_MISMATCH', counterparty: members.stranger, mode: 'none' },
      ])
    })

    it('records no more than the budget of that member, which is nobody else’s', async () => {
      const member = 'flooding'
      await Promise.all(Array.from({ length: 70 }, () => early('flooded', member)))
      expect(await recordsOf('flooded')).toHaveLength(60)
      await early('flooded', 'honest')
      expect(await recordsOf('flooded')).toHaveLength(61)
    })

    it('takes nothing from the budget for a ticket that names nobody', async () => {
      await Promise.all(Array.from({ length: 70 }, () => early('nobody', 'clumsy', { ticket: 'no.ticket' })))
      await early('after-nobody', 'clumsy')
      expect(await recordsOf('after-nobody')).toHaveLength(1)
    })
  })

  it('keeps to its refusal when that cannot be put on record', async () => {
    const exchangeLog = {
      commit: async () => {
        throw new MeshError('UNAVAILABLE')
      },
    } as unknown as MemberParts['exchangeLog']
    const rpc = releaseEvidence({ ...provider, exchangeLog, refusalBudget: new RefusalBudget() })
    const call = callFrom(members.stranger, provider.clock)
    await expect(rpc.handle(informed('ada'), call)).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
  })

  it('commits nothing for a caller who has stopped waiting', async () => {
    await declare('late')
    const call = callFrom(members.requester, provider.clock, 50)
    provider.clock.advance(50)
    await expect(releaseEvidence(provider).handle(informed('late'), call)).rejects.toMatchObject({
      reason: 'DEADLINE_EXCEEDED',
    })
    expect(await recordsOf('late')).toEqual([])
  })

  describe('in information mode', () => {
    it('releases what the authorisation lists and nothing else, and records it', async () => {
      await declare('ada')
      const request = informed('ada')
      const { outcome } = await release(request)
      if (outcome?.$case !== 'evidence') throw new Error('no evidence')
      const { valueJson, ...rest } = outcome.value
      expect(JSON.parse(valueJson)).toEqual({ amount: 700, year: 2026, children: [{ name: 'Bob' }] })
      const keepUntilMs = Math.floor(provider.clock.nowMs()) + 3_600_000
      expect(rest).toEqual({ version: 1, asOfMs: startMs, predicates: [], keepUntilMs })
      expect(await recordsOf('ada')).toEqual([
        {
          record_id: expect.any(String),
          exchange_id: request.exchangeId,
          kind: 'release',
          member: members.provider,
          counterparty: members.requester,
          subject: person('ada'),
          evidence_type: types.income,
          relay: 'hub',
          evidence_version: 1,
          fields: ['amount', 'year', 'children[].name'],
          predicates: [],
          purpose: purposes.rate,
          procedure: 'meal-rate-2027',
          mode: 'information',
          basis: basis('told'),
          outcome: 'released',
          reason: 'none',
          at_ms: Math.floor(provider.clock.nowMs()),
        },
      ])
    })

    it('answers predicates about a second person and a constant, without a field', async () => {
      await declare('mother')
      const childOf = (name: string) => ({ predicate: 'child-of', argumentTicket: ticket({ sub: person(name) }) })
      const low = { predicate: 'low-income', argumentTicket: '' }
      const { outcome } = await release(informed('mother', { predicates: [childOf('bob'), childOf('eve'), low] }))
      expect(outcome).toMatchObject({
        value: {
          valueJson: '{}',
          predicates: [
            { predicate: 'child-of', holds: true },
            { predicate: 'child-of', holds: false },
            { predicate: 'low-income', holds: true },
          ],
        },
      })
      expect((await recordsOf('mother'))[0]).toMatchObject({
        fields: [],
        predicates: ['child-of', 'child-of', 'low-income'],
      })
    })

    it.each([
      ['absent', 'absent', RouteCause.ROUTE_CAUSE_ABSENT, undefined],
      ['older than allowed', 'stale', RouteCause.ROUTE_CAUSE_STALE, startMs - 31 * 86_400_000],
    ])(
      'gives another route when evidence is %s, and records that nothing was released',
      async (_, name, cause, asOfMs) => {
        if (asOfMs !== undefined) await declare(name, income, asOfMs)
        expect((await release(informed(name))).outcome).toEqual({
          $case: 'otherRoute',
          value: {
            cause,
            routes: [{ kind: 'counter', textFr: 'Come to the counter (fr)', textEn: 'Come to the counter (en)' }],
          },
        })
        expect(await recordsOf(name)).toMatchObject([{ kind: 'release', outcome: name, reason: 'none', fields: [] }])
      },
    )
  })

  describe('in consent mode', () => {
    it('releases what was agreed to, until it is withdrawn', async () => {
      const name = 'agreeing'
      await declare(name)
      await agree({ basisId: basis(name), subject: person(name) })
      const { outcome } = await release(consented(name))
      expect(outcome).toMatchObject({ $case: 'evidence', value: { valueJson: '{"amount":700}' } })
      await agree({ basisId: basis(name), subject: person(name), revokedAtSeconds: startSeconds })
      await expect(release(consented(name))).rejects.toMatchObject({ reason: 'CONSENT_REVOKED' })
      expect(await recordsOf(name)).toMatchObject([{ reason: 'CONSENT_REVOKED' }, { outcome: 'released' }])
    })

    it('does not tell without consent that there is nothing', async () => {
      await expect(release(consented('nothing-told'))).rejects.toMatchObject({ reason: 'CONSENT_REQUIRED' })
    })
  })

  describe('from a register', () => {
    const household = (name: string) => informed(name, { evidenceType: types.household })
    const found = (valueJson: string): ReadEvidenceResponse => ({
      answer: { $case: 'found', value: { valueJson, version: 9, asOfMs: startMs, related: [] } },
    })

    it('releases what it holds, asked by the provider’s own pseudonym', async () => {
      register.answerWith(async () => found(JSON.stringify(income)))
      const { outcome } = await release(household('housed'))
      expect(outcome).toMatchObject({ $case: 'evidence', value: { version: 9 } })
      expect(register.asked.at(-1)).toEqual({ subject: person('housed'), evidenceType: types.household })
    })

    it('answers pending when it will know later', async () => {
      register.answerWith(async () => ({ answer: { $case: 'later', value: { retryAfterMs: 5000 } } }))
      expect((await release(household('pending'))).outcome).toEqual({ $case: 'pending', value: { retryAfterMs: 5000 } })
      expect(await recordsOf('pending')).toMatchObject([{ kind: 'release', outcome: 'pending' }])
    })

    const failing = async (): Promise<ReadEvidenceResponse> => {
      throw new MeshError('UNAVAILABLE')
    }
    const silent = () => new Promise<ReadEvidenceResponse>(() => undefined)
    it.each([
      ['fails', 'r-fails', failing],
      ['fails in a way of its own', 'r-internal', () => Promise.reject(new Error('no such person: Ada'))],
      ['does not answer in time', 'r-silent', silent],
      ['answers what is not JSON', 'r-json', async () => found('{"amount":')],
      ['answers what its schema refuses', 'r-schema', async () => found('{"amount":"much"}')],
      ['answers nothing that can be read', 'r-empty', async (): Promise<ReadEvidenceResponse> => ({})],
    ])('gives another route when it %s, which is not a refusal of the person', async (_, name, answer) => {
      register.answerWith(answer)
      const { outcome } = await release(household(name), members.requester, 600)
      expect(outcome).toMatchObject({ $case: 'otherRoute', value: { cause: RouteCause.ROUTE_CAUSE_UNREACHABLE } })
      expect(await recordsOf(name)).toMatchObject([{ kind: 'release', outcome: 'unreachable', reason: 'none' }])
    })

    it('keeps back some of the caller’s time, so that its silence can still be recorded and answered', async () => {
      register.answerWith(async () => found('{}'))
      for (const [leftMs, most] of [
        [1000, 790],
        [110, 50],
      ] as const) {
        await release(household('r-time'), members.requester, leftMs)
        expect(register.deadlinesMs.at(-1)).toBeLessThanOrEqual(most)
      }
    })

    it('gives another route when it says that there is nothing', async () => {
      register.answerWith(async () => ({ answer: { $case: 'absent', value: {} } }))
      const { outcome } = await release(household('r-absent'))
      expect(outcome).toMatchObject({ $case: 'otherRoute', value: { cause: RouteCause.ROUTE_CAUSE_ABSENT } })
    })
  })
})
