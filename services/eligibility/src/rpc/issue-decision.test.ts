import { randomUUID, sign } from 'node:crypto'
import { canonicalJson } from '@unefois/proto/canonical-json'
import { type DecisionStatement, decisionSignatureType } from '@unefois/proto/decision-statements'
import { ApplicationState, type Correction } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { type DecisionMade, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import type { FactUsed } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { generateKeyPair, importPrivateKey, type PrivateKey } from '@unefois/proto/keys'
import { signToken } from '@unefois/proto/token'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { system } from '../agency.fixture.js'
import { grantMade, openCorrection, refusalMade } from '../decision.fixture.js'
import {
  type Agent,
  dayMs,
  decide,
  type Office,
  openOffice,
  outcomes,
  person,
  readDecision,
  signStatement,
  startMs,
  toldIncome,
} from '../decision-office.fixture.js'
import { longestParts } from '../domain/algorithm-explanation.js'
import { endDelegation } from './end-delegation.js'
import { getDecision } from './get-decision.js'
import { issueDecision } from './issue-decision.js'

let office: Office
let agent: Agent
beforeAll(async () => {
  office = await openOffice()
  agent = await office.appoint()
})
afterAll(() => office.close())

const because = (reason: string) => expect.objectContaining({ reason })
const isWrong = because('DECISION_SIGNATURE_INVALID')
const stranger = importPrivateKey(generateKeyPair('sign', 'their-own-kid').privateJwk)

/** A JWS over exactly these bytes. */
const signedBytes = (payload: string, { kid, key }: PrivateKey, header: object = {}): string => {
  const encoded = (value: string) => Buffer.from(value).toString('base64url')
  const head = encoded(JSON.stringify({ alg: 'EdDSA', kid, typ: 'decision-signature+jws', ...header }))
  const input = `${head}.${encoded(payload)}`
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`
}

describe('IssueDecision refuses', () => {
  const prepared = async (made: DecisionMade = refusalMade(), change = {}) => {
    const { applicationId } = await office.deposit(change)
    return { applicationId, made, text: await office.prepare(applicationId, made, agent) }
  }

  it('what the agent did not sign so', async () => {
    const { applicationId, made, text } = await prepared()
    const issue = (jws: string) => office.issue(applicationId, made, jws)
    const statement: DecisionStatement = JSON.parse(text)
    const spaced = signedBytes(JSON.stringify(statement, null, 1), agent.key)
    const reordered = signedBytes(JSON.stringify(Object.fromEntries(Object.entries(statement).reverse())), agent.key)
    const [header, payload, signature] = signStatement(text, agent).split('.')
    for (const jws of [
      'no JWS',
      'a.b.c',
      signStatement(text, { key: stranger }),
      signedBytes(text, agent.key, { typ: 'decision+jws' }),
      signedBytes(text, agent.key, { alg: 'none' }),
      signedBytes(text, agent.key, { typ: undefined }),
      `${header}.${payload}.${signature?.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`,
      spaced,
      reordered,
      signToken(decisionSignatureType, { ...statement, reasons: 'Other reasons, longer than twenty.' }, agent.key),
      signToken(decisionSignatureType, { ...statement, iss: 'fund' }, agent.key),
      signToken(decisionSignatureType, { ...statement, sub: 'p1.1.BAAAAAAAAAAAAAAAAAAAAA' }, agent.key),
      signToken(decisionSignatureType, { ...statement, finding: 'yes' }, agent.key),
      signToken(decisionSignatureType, { ...statement, remedies: [] }, agent.key),
      signToken(decisionSignatureType, { ...statement, iat: statement.iat + 61 }, agent.key),
    ])
      await expect(issue(jws), jws).rejects.toEqual(isWrong)
    expect((await office.read(applicationId))?.state).toBe(ApplicationState.APPLICATION_STATE_IN_REVIEW)
  })

  it('a decision other than the signed one', async () => {
    const { applicationId, text } = await prepared()
    const jws = signStatement(text, agent)
    const other = refusalMade({ reasons: 'Reasons that the agent never read.' })
    await expect(office.issue(applicationId, other, jws)).rejects.toEqual(isWrong)
    await expect(office.issue(applicationId, grantMade(), jws)).rejects.toEqual(isWrong)
  })

  it('a statement of another application, or of none', async () => {
    const { made, text } = await prepared()
    const other = await office.deposit()
    const jws = signStatement(text, agent)
    const spelled = { ...JSON.parse(text), decision: randomUUID().toUpperCase() }
    const unspellable = signedBytes(canonicalJson(spelled).toString(), agent.key)
    await expect(office.issue(JSON.parse(text).application, made, unspellable)).rejects.toEqual(isWrong)
    await expect(office.issue(other.applicationId, made, jws)).rejects.toEqual(isWrong)
    await expect(office.issue(randomUUID(), made, jws)).rejects.toEqual(because('APPLICATION_UNKNOWN'))
  })

  it('a delegation that nobody registered, and the key of another agent', async () => {
    const { applicationId, made, text } = await prepared()
    const statement = JSON.parse(text)
    const nobody = signToken(decisionSignatureType, { ...statement, delegation: randomUUID() }, agent.key)
    await expect(office.issue(applicationId, made, nobody)).rejects.toEqual(because('DELEGATION_UNKNOWN'))
    const colleague = await office.appoint()
    await expect(office.issue(applicationId, made, signStatement(text, colleague))).rejects.toEqual(isWrong)
    const { delegation: _, agent: __, ...alone } = statement
    const unsigned = signToken(decisionSignatureType, alone, agent.key)
    await expect(office.issue(applicationId, made, unsigned)).rejects.toEqual(because('DELEGATION_UNKNOWN'))
  })

  it('a file that changed since', async () => {
    const { applicationId, made, text } = await prepared()
    await office.change(applicationId, { used: [toldIncome(4000)] })
    await expect(office.issue(applicationId, made, signStatement(text, agent))).rejects.toEqual(
      because('APPLICATION_CHANGED'),
    )
  })

  it('what was signed more than 24 hours ago', async () => {
    const { applicationId, made, text } = await prepared()
    try {
      office.setNow(startMs + dayMs + 1000)
      await expect(office.issue(applicationId, made, signStatement(text, agent))).rejects.toEqual(isWrong)
      office.setNow(startMs + dayMs)
      await expect(office.issue(applicationId, made, signStatement(text, agent))).resolves.toBeDefined()
    } finally {
      office.setNow(startMs)
    }
  })

  it('a delegation that ended since, or whose last day passed', async () => {
    const { applicationId } = await office.deposit()
    const [ending, today] = [await office.appoint(), await office.appoint({ toDay: '2026-11-22' })]
    const none = because('DELEGATION_NOT_COVERING')
    const made = refusalMade()
    const jws = signStatement(await office.prepare(applicationId, made, ending), ending)
    const { delegationId } = ending.delegation
    await office.postgres.transaction((tx) => endDelegation(office.needs).effect({ delegationId }, system(), tx))
    await expect(office.issue(applicationId, made, jws)).rejects.toEqual(none)
    const late = signStatement(await office.prepare(applicationId, made, today), today)
    try {
      office.setNow(Date.parse('2026-11-22T23:00:00Z'))
      await expect(office.issue(applicationId, made, late)).rejects.toEqual(none)
    } finally {
      office.setNow(startMs)
    }
  })

  it('what could no longer be explained (CRPA R311-3-1-2)', async () => {
    const { applicationId, made, text } = await prepared()
    const needs = office.whereFundIsNamed('x'.repeat(longestParts))
    const request = { applicationId, made, signatureJws: signStatement(text, agent), reviewId: '' }
    const issued = office.postgres.transaction((tx) => issueDecision(needs).effect(request, system(), tx))
    await expect(issued).rejects.toThrow(/cannot be explained/)
    expect((await office.read(applicationId))?.decisionId).toBe('')
  })

  it('to decide twice, by the same signature or by another', async () => {
    const { applicationId } = await office.deposit()
    const made = refusalMade()
    const [one, other] = [
      signStatement(await office.prepare(applicationId, made, agent), agent),
      signStatement(await office.prepare(applicationId, made, agent), agent),
    ]
    const came = await Promise.allSettled([one, other, one].map((jws) => office.issue(applicationId, made, jws)))
    expect(came.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const each of came) if (each.status === 'rejected') expect(each.reason).toEqual(because('APPLICATION_ENDED'))
    const { rows } = await office.postgres.query('SELECT 1 FROM decision WHERE application_id = $1', [applicationId])
    expect(rows).toHaveLength(1)
  })

  it('the id of a decision that was issued on something else', async () => {
    const { applicationId } = await office.deposit()
    const issued = await decide(office, applicationId, refusalMade(), agent)
    const { applicationId: other, made, text } = await prepared()
    const jws = signToken(decisionSignatureType, { ...JSON.parse(text), decision: issued.decisionId }, agent.key)
    await expect(office.issue(other, made, jws)).rejects.toEqual(isWrong)
  })

  it('a refusal in every state of a file that lacks something of what a refusal needs', async () => {
    const used = fc.constantFrom<FactUsed[]>([], [toldIncome(10)], [toldIncome(5000)])
    const corrections = fc.constantFrom<Correction[]>(
      [],
      [openCorrection('2026-11-22')],
      [openCorrection('2026-11-21')],
    )
    const state = fc.constantFrom(...Object.values(ApplicationState).filter((each) => each > 0))
    const delegated = fc.record({
      outcomes: fc.subarray([...outcomes], { minLength: 1 }),
      procedures: fc.constantFrom<string[]>(['grant'], ['plain']),
    })
    const made = fc.record({
      outcome: fc.constantFrom(...outcomes),
      reasons: fc.constantFrom('', refusalMade().reasons),
      isSigned: fc.boolean(),
    })
    const issuedOnce = new Set<Outcome>()
    await fc.assert(
      fc.asyncProperty(used, corrections, state, delegated, made, async (told, asked, standing, by, what) => {
        const { applicationId } = await office.deposit({ used: told, corrections: asked, state: standing })
        const signer = await office.appoint(by)
        const gives = what.outcome === Outcome.OUTCOME_REFUSED ? '' : 'Something.'
        const decision = { outcome: what.outcome, reasons: what.reasons, gives, fromDay: '', toDay: '' }
        const issued = await office
          .prepare(applicationId, decision, signer)
          .then((text) =>
            office.issue(applicationId, decision, signStatement(text, what.isSigned ? signer : { key: stranger })),
          )
          .catch(() => undefined)
        const after = await office.read(applicationId)
        if (!issued) {
          expect(after?.state).toBe(standing)
          return
        }
        issuedOnce.add(what.outcome)
        expect(what.isSigned).toBe(true)
        expect(by.procedures).toContain('grant')
        expect(by.outcomes).toContain(what.outcome)
        if (what.outcome === Outcome.OUTCOME_GRANTED) return
        expect(issued).toMatchObject({
          made: { reasons: refusalMade().reasons },
          delegationId: expect.stringMatching(/./),
        })
        expect(issued.remedies.length).toBeGreaterThan(0)
        expect(told.length).toBe(1)
        expect(asked.some(({ untilDay }) => untilDay === '2026-11-22')).toBe(false)
      }),
      {
        numRuns: 120,
        // One that lacks nothing, so that what is refused is refused for what it lacks.
        examples: [
          [
            [toldIncome(10)],
            [],
            ApplicationState.APPLICATION_STATE_IN_REVIEW,
            { outcomes: [...outcomes], procedures: ['grant'] },
            { outcome: Outcome.OUTCOME_REFUSED, reasons: refusalMade().reasons, isSigned: true },
          ],
        ],
      },
    )
    expect(issuedOnce.size).toBeGreaterThan(0)
  })
})

describe('IssueDecision', () => {
  it('issues what was signed, once for all, and the application ends with it', async () => {
    const application = await office.deposit({ language: 'en' })
    const { applicationId } = application
    const jws = signStatement(await office.prepare(applicationId, refusalMade(), agent), agent)
    const decision = await office.issue(applicationId, refusalMade(), jws)
    expect(decision).toMatchObject({
      applicationId,
      subject: application.subject,
      procedure: 'grant',
      made: refusalMade(),
      issuedAtMs: startMs,
      signedBy: { firstName: 'Ada', capacity: 'Head of office' },
      delegationId: agent.delegation.delegationId,
      remedies: [{ lastDay: '2026-12-22', isMandatoryFirst: true }, { lastDay: '' }],
      algorithmNotice: expect.stringMatching(/on the basis of an algorithm/),
      keptUntilDay: '2028-11-22',
      legalHold: '',
    })
    const claims = readDecision(decision.jws)
    expect(claims).toMatchObject({
      iss: 'hall',
      signature: jws,
      statement: { decision: decision.decisionId, release_sha256: decision.releaseSha256 },
      remedies: [{ last_day: '2026-12-22' }, { is_mandatory_first: false }],
    })
    expect(await office.read(applicationId)).toMatchObject({
      state: ApplicationState.APPLICATION_STATE_REFUSED,
      decisionId: decision.decisionId,
      revision: application.revision + 1,
    })
    const get = (call = system()) => getDecision(office.needs).handle({ decisionId: decision.decisionId }, call)
    expect(await get()).toEqual({ decision })
    expect(await get(person(application.subject))).toEqual({ decision })
    await expect(get(person('p1.1.BAAAAAAAAAAAAAAAAAAAAA'))).rejects.toEqual(because('DECISION_UNKNOWN'))
  })

  it('shows the capacity alone of an agent whose safety asks for that', async () => {
    const unnamed = await office.appoint({
      agent: { agentId: 'zoe.zed', firstName: 'Zoé', lastName: 'Zed', capacity: 'Head of office', isUnnamed: true },
    })
    const { applicationId } = await office.deposit()
    const decision = await decide(office, applicationId, refusalMade(), unnamed)
    expect(decision.signedBy).toMatchObject({ agentId: '', firstName: '', lastName: '', capacity: 'Head of office' })
    const [, payload = ''] = decision.jws.split('.')
    expect(Buffer.from(payload, 'base64url').toString()).not.toMatch(/Zoé|Zed/i)
  })

  it.each([
    [Outcome.OUTCOME_GRANTED, ApplicationState.APPLICATION_STATE_GRANTED, 0],
    [Outcome.OUTCOME_PARTLY_GRANTED, ApplicationState.APPLICATION_STATE_PARTLY_GRANTED, 2],
  ] as const)('ends an application by outcome %i in state %i', async (outcome, state, remedies) => {
    const { applicationId } = await office.deposit({ used: [toldIncome(10)] })
    const made = grantMade({ outcome, reasons: refusalMade().reasons })
    const decision = await decide(office, applicationId, made, agent)
    expect(decision.remedies).toHaveLength(remedies)
    expect(await office.read(applicationId)).toMatchObject({ state })
  })

  it('leaves no remedy that was used already to an appeal', async () => {
    const { applicationId } = await office.deposit({ appealedDecisionId: randomUUID() })
    const { remedies } = await decide(office, applicationId, refusalMade(), agent)
    expect(remedies).toMatchObject([{ isMandatoryFirst: false, lastDay: '2027-01-22' }])
  })

  it('keeps a file that nobody can read without its key', async () => {
    const { applicationId } = await office.deposit()
    const { decisionId } = await decide(office, applicationId, refusalMade(), agent)
    const { rows } = await office.postgres.query<{ content: Buffer }>(
      'SELECT content FROM decision WHERE decision_id = $1',
      [decisionId],
    )
    expect(rows[0]?.content.includes(Buffer.from('ceiling'))).toBe(false)
    await office.postgres.query('DELETE FROM eligibility_keys.file_key WHERE file_id = $1', [decisionId])
    await expect(getDecision(office.needs).handle({ decisionId }, system())).rejects.toEqual(
      because('DECISION_UNKNOWN'),
    )
  })
})
