import { randomUUID } from 'node:crypto'
import type { RequestEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { ApplicationState, Channel } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { Answer, type Fact } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ruleSource, system } from '../agency.fixture.js'
import { ada, agent, asPerson, type Desk, dayMs, openDesk, personNamed, startMs } from '../application.fixture.js'
import { examineApplication } from './examine-application.js'
import { publishRelease } from './publish-release.js'

const asked: { readonly subject: string; readonly accessToken: string | undefined }[] = []
const exchangeId = '0b0e7a52-0000-4000-8000-000000000001'
const telling = (amount: number) => async (): Promise<RequestEvidenceResponse> => ({
  exchangeId,
  outcome: {
    $case: 'evidence',
    value: { valueJson: JSON.stringify({ amount }), version: 3, asOfMs: 7, predicates: [], keepUntilMs: 9 },
  },
})
let answer: () => Promise<RequestEvidenceResponse>

let desk: Desk
beforeAll(async () => {
  desk = await openDesk({
    requestEvidence: async ({ subject }, { accessToken }) => {
      asked.push({ subject, accessToken })
      return answer()
    },
  })
})
beforeEach(async () => {
  await desk.empty()
  desk.agency.setNow(startMs)
  asked.length = 0
  answer = telling(900)
})
afterAll(() => desk.close())

const bases = [{ provider: 'fund', purpose: 'rate', basisId: 'b'.repeat(22) }]
const examine = (applicationId: string, call = asPerson(ada), needs = desk.needs, ownRecords: Fact[] = []) =>
  examineApplication(needs).handle({ applicationId, bases, relatedSubject: '', ownRecords }, call)
const income = (value: number): Fact => ({ name: 'revenu', value: { $case: 'number' as const, value } })

describe('ExamineApplication', () => {
  it('asks nobody for another person’s application, one that ended, and one that there is not', async () => {
    const { applicationId } = await desk.submit()
    await expect(examine(applicationId, asPerson(personNamed('B')))).rejects.toMatchObject({
      reason: 'APPLICATION_UNKNOWN',
    })
    await expect(examine(randomUUID())).rejects.toMatchObject({ reason: 'APPLICATION_UNKNOWN' })
    await desk.withdraw(applicationId)
    await expect(examine(applicationId)).rejects.toMatchObject({ reason: 'APPLICATION_ENDED' })
    expect(asked).toEqual([])
  })

  it('ends with a refusal of the caller’s own token, and keeps nothing', async () => {
    const { applicationId } = await desk.submit()
    answer = () => Promise.reject(new MeshError('TOKEN_EXPIRED'))
    await expect(examine(applicationId)).rejects.toMatchObject({ reason: 'TOKEN_EXPIRED' })
    expect((await desk.get(applicationId)).revision).toBe(1)
  })

  it('keeps what the fund told with its exchange, and says what the rule finds in the language of the application', async () => {
    const { applicationId } = await desk.submit()
    const { application, outcome } = await examine(applicationId)
    expect(asked).toEqual([{ subject: ada, accessToken: 'the token of the person' }])
    const used = [
      {
        fact: income(900),
        isSelfDeclared: false,
        provider: 'fund',
        exchangeId,
        version: 3,
        asOfMs: 7,
        source: { evidenceType: 'income', field: 'amount', purpose: 'rate' },
      },
    ]
    expect(application).toMatchObject({ used, notObtained: [], revision: 2 })
    expect(await desk.get(applicationId)).toEqual(application)
    expect(outcome).toMatchObject({
      $case: 'finding',
      value: { answer: Answer.ANSWER_YES, explanation: { language: 'en' } },
    })
    answer = telling(5000)
    expect((await examine(applicationId, system())).application?.used).toMatchObject([{ fact: income(5000) }])
  })

  it('asks nobody for what the person stated', async () => {
    const { applicationId } = await desk.submit({ facts: [income(2000)] })
    const { application, outcome } = await examine(applicationId)
    expect(asked).toEqual([])
    expect(application?.used).toEqual([])
    expect(outcome).toMatchObject({ value: { answer: Answer.ANSWER_NO } })
  })

  it('names what nobody told, which may then, and only then, be asked of the person', async () => {
    const { applicationId } = await desk.submit()
    answer = () => Promise.reject(new MeshError('CONSENT_REVOKED'))
    const { application, outcome } = await examine(applicationId)
    expect(application).toMatchObject({
      state: ApplicationState.APPLICATION_STATE_IN_REVIEW,
      notObtained: [{ provider: 'fund', facts: ['revenu'], why: { $case: 'refused', value: 'CONSENT_REVOKED' } }],
    })
    expect(outcome).toMatchObject({ value: { answer: Answer.ANSWER_UNKNOWN } })
    await desk.ask(applicationId, { fields: ['income'], what: 'Your income, please.' })
    const whole = await desk.add(applicationId, { income: '900 euros' }, asPerson(ada), { facts: [income(900)] })
    expect(whole.state).toBe(ApplicationState.APPLICATION_STATE_IN_REVIEW)
    answer = telling(5000)
    expect((await examine(applicationId)).outcome).toMatchObject({ value: { answer: Answer.ANSWER_YES } })
    expect(asked).toHaveLength(1)
  })

  it('loses nothing that the person gave while it asked', async () => {
    const { applicationId } = await desk.submit()
    answer = async () => {
      await desk.add(applicationId, { wish: 'Soon.' }, asPerson(ada), { facts: [income(2000)] })
      return telling(900)()
    }
    const { application, outcome } = await examine(applicationId)
    expect(application).toMatchObject({ revision: 3, facts: [income(2000)] })
    expect(application?.entries.map(({ field }) => field)).toEqual(['letter', 'wish'])
    expect(outcome).toMatchObject({ value: { answer: Answer.ANSWER_NO } })
  })

  it('keeps nothing of what ended while it asked', async () => {
    const { applicationId } = await desk.submit()
    answer = async () => {
      await desk.withdraw(applicationId)
      return telling(900)()
    }
    await expect(examine(applicationId)).rejects.toMatchObject({ reason: 'APPLICATION_ENDED' })
    expect((await desk.get(applicationId)).used).toEqual([])
  })

  it('applies the release of the day of the deposit', async () => {
    await publishRelease(desk.agency).handle(
      { source: ruleSource({ validFrom: '2027-01-01', validTo: '2027-12-31', ceiling: '500' }), replaces: '' },
      system(),
    )
    const { applicationId } = await desk.submit({ facts: [income(900)] })
    desk.agency.setNow(startMs + 45 * dayMs)
    expect((await examine(applicationId)).outcome).toMatchObject({ value: { answer: Answer.ANSWER_YES } })
    const later = await desk.submit({ facts: [income(900)] })
    expect((await examine(later.applicationId)).outcome).toMatchObject({ value: { answer: Answer.ANSWER_NO } })
  })

  it('says that there is no release, or no rule, asks nobody, and changes nothing', async () => {
    const depositedAtMs = startMs - 350 * dayMs
    const old = await desk.submit({ depositedAtMs, by: agent, channel: Channel.CHANNEL_POST }, system())
    const without = await desk.submit({ procedure: 'permit', entries: [] })
    expect((await examine(without.applicationId)).outcome).toEqual({ $case: 'withoutRule', value: true })
    expect((await desk.get(without.applicationId)).revision).toBe(1)
    expect(asked).toEqual([])
    // Silence has spoken of the old one long ago, whether a chore has kept it yet or not.
    await expect(examine(old.applicationId)).rejects.toMatchObject({ reason: 'APPLICATION_ENDED' })
    const recent = await desk.submit(
      { depositedAtMs: startMs - 30 * dayMs, by: agent, channel: Channel.CHANNEL_POST },
      system(),
    )
    desk.agency.setNow(startMs)
    expect((await examine(recent.applicationId, system())).outcome?.$case).toBe('finding')
  })

  it('leaves to one place whether anything is granted, within the transaction that keeps what was told', async () => {
    const { applicationId } = await desk.submit()
    const seen: string[] = []
    const needs = {
      ...desk.needs,
      afterExamination: async (_tx: unknown, { kept, gathered }: { kept: never; gathered: { told: unknown[] } }) => {
        seen.push(`${gathered.told.length}`)
        throw new MeshError('UNAVAILABLE', { cause: kept })
      },
    } as never
    await expect(examine(applicationId, asPerson(ada), needs)).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
    expect(seen).toEqual(['1'])
    expect((await desk.get(applicationId)).used).toEqual([])
  })

  describe('with what the agency’s own register says', () => {
    it('is refused to a person, and of what is no fact of the rule', async () => {
      const { applicationId } = await desk.submit()
      await expect(examine(applicationId, asPerson(ada), desk.needs, [income(900)])).rejects.toMatchObject({
        reason: 'CALLER_NOT_ALLOWED',
      })
      const unknown: Fact = { name: 'taille', value: { $case: 'number', value: 1 } }
      await expect(examine(applicationId, system(), desk.needs, [unknown])).rejects.toMatchObject({
        reason: 'FACT_INVALID',
      })
      expect(asked).toEqual([])
      expect((await desk.get(applicationId)).revision).toBe(1)
    })

    it('asks nobody for it, and names the agency itself as its source', async () => {
      const { applicationId } = await desk.submit()
      const { application } = await examine(applicationId, system(), desk.needs, [income(900)])
      expect(asked).toEqual([])
      expect(application?.used).toMatchObject([{ fact: income(900), provider: 'hall', isSelfDeclared: false }])
    })

    it.each([
      ['confirms what the person stated alike', 900, Answer.ANSWER_YES],
      ['leaves standing what the person stated otherwise', 5000, Answer.ANSWER_NO],
    ])('%s', async (_, stated, answered) => {
      const { applicationId } = await desk.submit({ facts: [income(stated)] })
      const { outcome } = await examine(applicationId, system(), desk.needs, [income(900)])
      expect(outcome).toMatchObject({ $case: 'finding', value: { answer: answered } })
    })
  })

  describe('of a procedure without a rule', () => {
    it('names who did not tell, and only then may the person be asked', async () => {
      const { applicationId } = await desk.submit({ procedure: 'transfer' })
      const held = { fields: ['income'] }
      await expect(desk.ask(applicationId, held)).rejects.toMatchObject({
        reason: 'APPLICATION_INVALID',
        facts: { field: 'income' },
      })
      answer = () => Promise.reject(new MeshError('PROVIDER_UNREACHABLE'))
      const { application, outcome } = await examine(applicationId)
      expect(outcome).toEqual({ $case: 'withoutRule', value: true })
      expect(application).toMatchObject({
        used: [],
        notObtained: [
          { provider: 'fund', facts: ['income'], why: { $case: 'refused', value: 'PROVIDER_UNREACHABLE' } },
        ],
      })
      expect((await desk.ask(applicationId, held)).corrections).toMatchObject([{ fields: ['income'] }])
    })

    it('keeps what the fund told, and does not let the person be asked for it', async () => {
      const { applicationId } = await desk.submit({ procedure: 'transfer' })
      const { application } = await examine(applicationId)
      const source = { evidenceType: 'income', field: 'amount', purpose: 'rate' }
      expect(application?.used).toMatchObject([
        { fact: { name: 'income', value: { $case: 'number', value: 900 } }, provider: 'fund', exchangeId, source },
      ])
      expect(asked).toEqual([{ subject: ada, accessToken: 'the token of the person' }])
      await expect(desk.ask(applicationId, { fields: ['income'] })).rejects.toMatchObject({
        reason: 'APPLICATION_INVALID',
      })
    })

    it('ends with a refusal of the caller’s own token, and keeps nothing', async () => {
      const { applicationId } = await desk.submit({ procedure: 'transfer' })
      answer = () => Promise.reject(new MeshError('TOKEN_EXPIRED'))
      await expect(examine(applicationId)).rejects.toMatchObject({ reason: 'TOKEN_EXPIRED' })
      expect((await desk.get(applicationId)).revision).toBe(1)
    })
  })
})
