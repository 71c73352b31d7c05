import { randomUUID } from 'node:crypto'
import { canonicalJson } from '@unefois/proto/canonical-json'
import { ApplicationState } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { system } from '../agency.fixture.js'
import { grantMade, openCorrection, refusalMade } from '../decision.fixture.js'
import { type Agent, type Office, openOffice, startMs, toldIncome } from '../decision-office.fixture.js'
import { longestParts } from '../domain/algorithm-explanation.js'
import { endDelegation } from './end-delegation.js'
import { prepareDecision } from './prepare-decision.js'

let office: Office
let agent: Agent
beforeAll(async () => {
  office = await openOffice()
  agent = await office.appoint()
})
afterAll(() => office.close())

const refusal = (reason: string, facts: object = {}) => expect.objectContaining({ reason, facts })

describe('PrepareDecision', () => {
  it('knows no application and no delegation that are not there', async () => {
    await expect(office.prepare(randomUUID(), grantMade(), agent)).rejects.toEqual(refusal('APPLICATION_UNKNOWN'))
    const { applicationId } = await office.deposit()
    const nobody = { ...agent, delegation: { ...agent.delegation, delegationId: randomUUID() } }
    await expect(office.prepare(applicationId, grantMade(), nobody)).rejects.toEqual(refusal('DELEGATION_UNKNOWN'))
  })

  it('reads no request that no decision could come of', () => {
    const { request } = prepareDecision(office.needs)
    const ids = { applicationId: randomUUID(), delegationId: randomUUID(), reviewId: '' }
    expect(request.safeParse({ ...ids, made: grantMade() }).success).toBe(true)
    expect(request.safeParse({ ...ids }).success).toBe(false)
    expect(request.safeParse({ ...ids, made: grantMade({ reasons: 'x'.repeat(8001) }) }).success).toBe(false)
    expect(request.safeParse({ ...ids, made: grantMade({ fromDay: 'soon' }) }).success).toBe(false)
    expect(request.safeParse({ ...ids, made: grantMade(), delegationId: 'd1' }).success).toBe(false)
    expect(request.safeParse({ ...ids, made: grantMade(), reviewId: 'r1' }).success).toBe(false)
  })

  it('refuses what no delegation in force covers', async () => {
    const { applicationId } = await office.deposit()
    const prepare = (by: Agent, made = refusalMade()) => office.prepare(applicationId, made, by)
    const none = refusal('DELEGATION_NOT_COVERING')
    const grantsOnly = await office.appoint({ outcomes: [Outcome.OUTCOME_GRANTED] })
    await expect(prepare(grantsOnly)).rejects.toEqual(none)
    await expect(prepare(grantsOnly, grantMade())).resolves.toMatch(/^{/)
    await expect(prepare(await office.appoint({ procedures: ['plain'] }))).rejects.toEqual(none)
    await expect(prepare(await office.appoint({ fromDay: '2026-11-23' }))).rejects.toEqual(none)
    const lastDay = await office.appoint({ toDay: '2026-11-22' })
    await expect(prepare(lastDay)).resolves.toMatch(/^{/)
    const { delegationId } = lastDay.delegation
    await office.postgres.transaction((tx) => endDelegation(office.needs).effect({ delegationId }, system(), tx))
    await expect(prepare(lastDay)).rejects.toEqual(none)
  })

  it('follows the days of Paris, not those of UTC', async () => {
    const { applicationId } = await office.deposit()
    const tomorrow = await office.appoint({ fromDay: '2026-11-23' })
    try {
      office.setNow(Date.parse('2026-11-22T22:59:59Z'))
      await expect(office.prepare(applicationId, refusalMade(), tomorrow)).rejects.toEqual(
        refusal('DELEGATION_NOT_COVERING'),
      )
      office.setNow(Date.parse('2026-11-22T23:00:00Z'))
      await expect(office.prepare(applicationId, refusalMade(), tomorrow)).resolves.toMatch(/^{/)
    } finally {
      office.setNow(startMs)
    }
  })

  it.each([
    [
      'without reasons',
      refusalMade({ reasons: '' }),
      {},
      'APPLICATION_INVALID',
      { field: 'made.reasons', what: expect.stringMatching(/\w/) },
    ],
    [
      'of something given',
      refusalMade({ gives: 'it' }),
      {},
      'APPLICATION_INVALID',
      { field: 'made.gives', what: expect.stringMatching(/\w/) },
    ],
    ['that nobody examined', refusalMade(), { used: [] }, 'DATUM_MISSING', {}],
    ['while pieces are awaited', refusalMade(), { corrections: [openCorrection('2026-11-22')] }, 'PIECES_AWAITED', {}],
    [
      'of what silence accepted',
      refusalMade(),
      { state: ApplicationState.APPLICATION_STATE_ACCEPTED_BY_SILENCE },
      'APPLICATION_ENDED',
      {},
    ],
    [
      'of what was withdrawn',
      refusalMade(),
      { state: ApplicationState.APPLICATION_STATE_WITHDRAWN },
      'APPLICATION_ENDED',
      {},
    ],
  ] as const)('refuses a refusal %s', async (_what, made, change, reason, facts) => {
    const { applicationId } = await office.deposit({ ...change } as never)
    await expect(office.prepare(applicationId, made, agent)).rejects.toEqual(refusal(reason, facts))
  })

  it('prepares a grant while pieces are awaited, and either after silence rejected', async () => {
    const awaited = await office.deposit({ corrections: [openCorrection('2026-12-22')], used: [] })
    const statement = JSON.parse(await office.prepare(awaited.applicationId, grantMade(), agent))
    expect(statement).toMatchObject({ outcome: 'granted', remedies: [] })
    expect(statement).not.toHaveProperty('release_sha256')
    expect(statement).not.toHaveProperty('algorithm_notice')
    const state = ApplicationState.APPLICATION_STATE_REJECTED_BY_SILENCE
    const { applicationId } = await office.deposit({ state })
    for (const made of [grantMade(), refusalMade()])
      await expect(office.prepare(applicationId, made, agent)).resolves.toMatch(/^{/)
  })

  it('says everything that is signed: state of the file, rule, finding, remedies, notice and agent', async () => {
    const { applicationId, subject, procedureSha256, revision } = await office.deposit({ language: 'en' })
    const text = await office.prepare(applicationId, refusalMade(), agent)
    const statement = JSON.parse(text)
    expect(statement).toMatchObject({
      iss: 'hall',
      sub: subject,
      iat: startMs / 1000,
      application: applicationId,
      revision,
      procedure: 'grant',
      procedure_sha256: procedureSha256,
      finding: 'no',
      outcome: 'refused',
      remedies: [
        { title: { fr: 'p', en: 'p' }, count: 1, unit: 'months', is_mandatory_first: true, reference: 'article 1' },
        { is_mandatory_first: false, count: 2 },
      ],
      delegation: agent.delegation.delegationId,
      agent: { first_name: 'Ada', capacity: 'Head of office' },
    })
    expect(statement.release_sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(statement.algorithm_notice).toMatch(/To help.*CADA/)
    expect(text).toBe(canonicalJson(statement).toString())
  })

  it('keeps nothing: each answer is another decision, of the same file', async () => {
    const application = await office.deposit()
    const { applicationId } = application
    const [one, other] = [
      JSON.parse(await office.prepare(applicationId, refusalMade(), agent)),
      JSON.parse(await office.prepare(applicationId, refusalMade(), agent)),
    ]
    expect(one.decision).not.toBe(other.decision)
    expect({ ...one, decision: '' }).toEqual({ ...other, decision: '' })
    expect((await office.read(applicationId))?.revision).toBe(application.revision)
  })

  it('reads the rule of the day of the deposit, and the answer of the person before evidence', async () => {
    const early = await office.deposit({ depositedAtMs: Date.parse('2025-12-31T12:00:00Z') })
    await expect(office.prepare(early.applicationId, refusalMade(), agent)).rejects.toEqual(refusal('DATUM_MISSING'))
    const { applicationId } = await office.deposit({
      facts: [{ name: 'revenu', value: { $case: 'number', value: 10 } }],
      used: [toldIncome(5000)],
    })
    expect(JSON.parse(await office.prepare(applicationId, grantMade(), agent)).finding).toBe('yes')
  })

  it('prepares nothing that could not be explained afterwards (CRPA R311-3-1-2)', async () => {
    const { applicationId } = await office.deposit()
    const prepare = (name: string) =>
      prepareDecision(office.whereFundIsNamed(name)).handle(
        { applicationId, made: refusalMade(), delegationId: agent.delegation.delegationId, reviewId: '' },
        system(),
      )
    await expect(prepare('The fund')).resolves.toBeDefined()
    await expect(prepare('x'.repeat(longestParts))).rejects.toThrow(/cannot be explained/)
  })

  it('has no algorithm where the procedure has no rule', async () => {
    const { applicationId } = await office.deposit({ procedure: 'plain', used: [] })
    const statement = JSON.parse(await office.prepare(applicationId, refusalMade(), agent))
    expect(statement).not.toHaveProperty('finding')
    expect(statement).not.toHaveProperty('algorithm_notice')
  })
})
