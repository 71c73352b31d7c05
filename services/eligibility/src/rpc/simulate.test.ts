import { Answer } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAgency, ruleSource, system } from '../agency.fixture.js'
import { publishRelease } from './publish-release.js'
import { simulate } from './simulate.js'

let agency: Awaited<ReturnType<typeof openAgency>>
beforeAll(async () => {
  agency = await openAgency()
  for (const source of [ruleSource(), ruleSource({ benefit: 'over', validTo: '2026-03-31' })])
    await publishRelease(agency).handle({ source, replaces: '' }, system())
})
afterAll(() => agency.close())

const ask = (given: object = {}) =>
  simulate(agency).handle({ benefit: 'grant', day: '', facts: [], language: '', ...given }, system())
const income = (value: number) => ({ name: 'revenu', value: { $case: 'number' as const, value } })
const finding = async (given: object = {}) => {
  const { outcome } = await ask(given)
  if (outcome?.$case !== 'finding') throw new Error('no finding')
  return outcome.value
}

describe('Simulate', () => {
  it.each([
    ['a name of the wrong shape', { benefit: 'No Benefit' }],
    ['a day of the wrong shape', { day: '22/11/2026' }],
    ['a language that is none', { language: 'de' }],
    ['a fact without a value', { facts: [{ name: 'revenu' }] }],
    ['too many facts', { facts: Array(101).fill(income(1)) }],
    ['a number that is none', { facts: [income(Number.NaN)] }],
  ])('refuses %s', (_, given) => {
    const whole = { benefit: 'grant', day: '', facts: [], language: '', ...given }
    expect(simulate(agency).request.safeParse(whole).success).toBe(false)
  })

  it('refuses a benefit without any rule', async () => {
    await expect(ask({ benefit: 'nothing' })).rejects.toMatchObject({ reason: 'BENEFIT_UNKNOWN' })
  })

  it.each([
    ['a fact that the rule does not have', [{ name: 'secret', value: { $case: 'yes', value: true } }], ''],
    ['an inherited name', [{ name: 'constructor', value: { $case: 'yes', value: true } }], ''],
    ['a value of another kind', [{ name: 'revenu', value: { $case: 'yes', value: true } }], 'revenu'],
    ['a value out of its bounds', [income(-1)], 'revenu'],
    ['more decimals than there are', [income(1.001)], 'revenu'],
    ['values that contradict', [income(1), income(2)], 'revenu'],
  ])('refuses %s, and never repeats the value', async (_, facts, field) => {
    await expect(ask({ facts })).rejects.toMatchObject({ reason: 'FACT_INVALID', facts: { field } })
    await expect(ask({ facts })).rejects.not.toThrow(/secret|1\.001|-1/)
  })

  it('decides nothing where no release is in force, and names the nearest', async () => {
    const { outcome } = await ask({ benefit: 'over', facts: [income(1)] })
    expect(outcome).toMatchObject({
      $case: 'noRelease',
      value: { day: '2026-11-22', nearest: { benefit: 'over', validTo: '2026-03-31' } },
    })
    expect(await finding({ benefit: 'over', day: '2026-03-31', facts: [income(1)] })).toMatchObject({
      answer: Answer.ANSWER_YES,
    })
  })

  it('says what is missing and where it can be had, and never takes unknown for no', async () => {
    expect(await finding({ language: 'en' })).toMatchObject({
      answer: Answer.ANSWER_UNKNOWN,
      gives: [],
      missing: [
        {
          name: 'revenu',
          question: 'What income?',
          unit: '€/an',
          maximum: 100_000,
          sources: [{ evidenceType: 'income', field: 'amount', purpose: 'rate' }],
        },
      ],
      release: { benefit: 'grant', author: 'Ada Auteure' },
    })
  })

  it('answers at the ceiling and a cent above it, with the values that were compared', async () => {
    expect((await finding({ facts: [income(1000)] })).answer).toBe(Answer.ANSWER_YES)
    expect(await finding({ facts: [income(1000.01)], language: 'fr-x-falc' })).toMatchObject({
      answer: Answer.ANSWER_NO,
      missing: [],
      explanation: {
        language: 'fr-x-falc',
        summary: 'non',
        conditions: [
          { answer: Answer.ANSWER_NO, hasDecided: true, sentence: expect.stringMatching(/^1\s000,01 € par an$/) },
        ],
      },
    })
  })

  it('stores nothing', async () => {
    const rows = async () =>
      (
        await agency.postgres.query<{ rows: number }>(
          `SELECT sum((xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I', table_name), false, true, '')))[1]::text::int) AS rows
           FROM information_schema.tables WHERE table_schema = current_schema()`,
        )
      ).rows
    const before = await rows()
    await ask({ facts: [income(7)] })
    expect(await rows()).toEqual(before)
  })
})
