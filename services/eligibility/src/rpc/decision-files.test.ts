import { randomUUID } from 'node:crypto'
import { Answer } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { MeshError } from '@unefois/proto/reasons'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ruleSource, system } from '../agency.fixture.js'
import { refusalMade } from '../decision.fixture.js'
import { type Agent, decide, type Office, openOffice, person, toldIncome } from '../decision-office.fixture.js'
import { longestParts } from '../domain/algorithm-explanation.js'
import { daysLater } from '../domain/term.js'
import { explainDecision } from './explain-decision.js'
import { getDecision } from './get-decision.js'
import { publishRelease } from './publish-release.js'
import { recomputeDecision } from './recompute-decision.js'
import { setLegalHold } from './set-legal-hold.js'

let office: Office
let agent: Agent
beforeAll(async () => {
  office = await openOffice()
  agent = await office.appoint()
})
afterAll(() => office.close())

const because = (reason: string) => expect.objectContaining({ reason })
const decided = async (change: Parameters<Office['deposit']>[0] = {}) => {
  const { applicationId } = await office.deposit(change)
  return decide(office, applicationId, refusalMade(), agent)
}
const explain = (decisionId: string, language = '', call = system()) =>
  explainDecision(office.needs).handle({ decisionId, language }, call)
const recompute = (decisionId: string) => recomputeDecision(office.needs).handle({ decisionId }, system())
const hold = (decisionId: string, reason: string) =>
  office.postgres.transaction((tx) => setLegalHold(office.needs).effect({ decisionId, reason }, system(), tx))
const isKept = (decisionId: string): Promise<boolean> =>
  getDecision(office.needs)
    .handle({ decisionId }, system())
    .then(
      () => true,
      (error) => {
        if (error instanceof MeshError && error.reason === 'DECISION_UNKNOWN') return false
        throw error
      },
    )

describe('ExplainDecision', () => {
  it('explains nothing to another person, of no decision, and without an algorithm', async () => {
    const { decisionId, subject } = await decided()
    await expect(explain(decisionId, '', person('p1.1.BAAAAAAAAAAAAAAAAAAAAA'))).rejects.toEqual(
      because('DECISION_UNKNOWN'),
    )
    await expect(explain(decisionId, '', person(subject))).resolves.toBeDefined()
    await expect(explain(randomUUID())).rejects.toEqual(because('DECISION_UNKNOWN'))
    const plain = await decided({ procedure: 'plain', used: [] })
    expect(plain).toMatchObject({ algorithmNotice: '', releaseSha256: '' })
    await expect(explain(plain.decisionId)).rejects.toEqual(because('DECISION_WITHOUT_ALGORITHM'))
    await expect(recompute(plain.decisionId)).rejects.toEqual(because('DECISION_WITHOUT_ALGORITHM'))
  })

  it.each(['', 'fr', 'en', 'fr-x-falc'] as const)('says the four parts of R311-3-1-2 in "%s"', async (language) => {
    const stated = { name: 'revenu', value: { $case: 'number' as const, value: 5000 } }
    const told = await explain((await decided({ language: 'en' })).decisionId, language)
    expect(told).toMatchObject({
      language: language || 'en',
      contribution: expect.stringMatching(
        language === '' || language === 'en' ? /To help.*An agent/ : /À aider.*(agent|personne)/,
      ),
      data: [
        { title: expect.stringMatching(/Income|Revenu/), value: expect.stringMatching(/5.000 €/), source: 'fund' },
      ],
      parameters: [{ legalReference: 'article 1' }],
      explanation: { language: language || 'en' },
    })
    expect(told.operations.length).toBeGreaterThan(0)
    expect(Buffer.byteLength(JSON.stringify({ ...told, explanation: undefined }))).toBeLessThanOrEqual(longestParts)
    const own = await explain((await decided({ facts: [stated], used: [] })).decisionId, 'en')
    expect(own.data).toMatchObject([{ source: 'You stated it.', asOfMs: 0 }])
  })
})

describe('RecomputeDecision', () => {
  it('finds the same after evidence and release are gone from everywhere else', async () => {
    const { decisionId, applicationId, releaseSha256 } = await decided()
    await publishRelease(office.agency).handle(
      { source: ruleSource({ ceiling: '9000' }), replaces: releaseSha256 },
      system(),
    )
    // The documents of the fixture answer nobody, and the application is deleted with its key.
    await office.postgres.query('DELETE FROM application WHERE application_id = $1', [applicationId])
    await office.postgres.query('DELETE FROM eligibility_keys.file_key WHERE file_id = $1', [applicationId])
    expect(await recompute(decisionId)).toMatchObject({
      isSame: true,
      finding: { answer: Answer.ANSWER_NO, release: { sha256: releaseSha256 }, explanation: { language: 'fr' } },
    })
    expect(await explain(decisionId)).toMatchObject({ data: [{ value: expect.stringMatching(/5.000/) }] })
  })

  it('says so when what comes out is not what the file says', async () => {
    const decision = await decided()
    const stored = await office.needs.decisions.get(decision.decisionId, undefined)
    if (!stored?.algorithm) throw new Error('no algorithm')
    const [finding, ...others] = stored.algorithm.findings
    if (!finding?.explanation) throw new Error('no finding')
    const changes = [
      { ...finding, answer: Answer.ANSWER_UNKNOWN },
      { ...finding, explanation: { ...finding.explanation, summary: 'Otherwise.' } },
      { ...finding, gives: [{ name: 'x', title: 'x', value: undefined, unit: '', text: '' }] },
    ]
    for (const changed of changes) {
      const decisionId = randomUUID()
      const algorithm = { ...stored.algorithm, findings: [changed, ...others] }
      await office.postgres.transaction((tx) =>
        office.needs.decisions.insert(tx, { ...stored, algorithm, decision: { ...decision, decisionId } }),
      )
      expect(await recompute(decisionId)).toMatchObject({ isSame: false })
    }
    const decisionId = randomUUID()
    const used = [toldIncome(10)]
    await office.postgres.transaction((tx) =>
      office.needs.decisions.insert(tx, { ...stored, used, decision: { ...decision, decisionId } }),
    )
    expect(await recompute(decisionId)).toMatchObject({ isSame: false, finding: { answer: Answer.ANSWER_YES } })
  })
})

describe('SetLegalHold', () => {
  it('knows no decision that is not there, and takes no hold without a reason', async () => {
    await expect(hold(randomUUID(), 'A dispute before the court.')).rejects.toEqual(because('DECISION_UNKNOWN'))
    const { request } = setLegalHold(office.needs)
    expect(request.safeParse({ decisionId: randomUUID(), reason: 'because' }).success).toBe(false)
    expect(request.safeParse({ decisionId: randomUUID(), reason: ' '.repeat(20) }).success).toBe(false)
    expect(request.safeParse({ decisionId: randomUUID(), reason: '' }).success).toBe(true)
  })

  it('keeps a file past its last day, with its reason, until it ends', async () => {
    const { decisionId, keptUntilDay } = await decided()
    const reason = 'A dispute before the court.'
    expect(await hold(decisionId, reason)).toMatchObject({ decision: { decisionId, legalHold: reason } })
    await office.needs.decisions.deleteEnded(daysLater(keptUntilDay, 4000))
    expect(await isKept(decisionId)).toBe(true)
    expect(await hold(decisionId, '')).toMatchObject({ decision: { legalHold: '' } })
    await office.needs.decisions.deleteEnded(keptUntilDay)
    expect(await isKept(decisionId)).toBe(true)
    await office.needs.decisions.deleteEnded(daysLater(keptUntilDay, 1))
    expect(await isKept(decisionId)).toBe(false)
  })
})

describe('the retention of decision files', () => {
  it('deletes row and key of exactly those whose last day passed and nobody holds', async () => {
    const decision = await decided()
    const stored = await office.needs.decisions.get(decision.decisionId, undefined)
    if (!stored) throw new Error('no file')
    const file = fc.record({ days: fc.integer({ min: -3, max: 3 }), legalHold: fc.constantFrom('', 'A dispute.') })
    const today = '2030-06-15'
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 6 }), async (files) => {
        const ids: string[] = []
        for (const { days, legalHold } of files) {
          const decisionId = randomUUID()
          ids.push(decisionId)
          const keptUntilDay = daysLater(today, days)
          await office.postgres.transaction((tx) =>
            office.needs.decisions.insert(tx, {
              ...stored,
              decision: { ...decision, decisionId, keptUntilDay, legalHold },
            }),
          )
        }
        await office.needs.decisions.deleteEnded(today)
        const kept = await Promise.all(ids.map(isKept))
        expect(kept).toEqual(files.map(({ days, legalHold }) => days >= 0 || legalHold !== ''))
        const { rows } = await office.postgres.query<{ file_id: string }>(
          'SELECT file_id FROM eligibility_keys.file_key WHERE file_id = ANY($1::uuid[])',
          [ids],
        )
        expect(new Set(rows.map((row) => row.file_id))).toEqual(new Set(ids.filter((_, index) => kept[index])))
      }),
      { numRuns: 15 },
    )
  })
})
