import { ProcedureKind, Silence } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applicationSource, openAgency, ruleSource, procedureSource as source, system } from '../agency.fixture.js'
import { getProcedure } from './get-procedure.js'
import { listProcedures } from './list-procedures.js'
import { publishProcedure } from './publish-procedure.js'
import { publishRelease } from './publish-release.js'

let agency: Awaited<ReturnType<typeof openAgency>>
beforeAll(async () => {
  agency = await openAgency()
  const special = '[{ evidenceType: condition, field: amount, purpose: rate }]'
  for (const source of [
    ruleSource(),
    ruleSource({ benefit: 'hint', orientation: 'true' }),
    ruleSource({ benefit: 'allowance', sources: special }),
    ruleSource({
      benefit: 'support',
      computed: `  aid: 2000 €/an - revenu
  form:
    variations: [{ si: revenu <= 500 €/an, alors: "'one'" }, { sinon: "'two'" }]`,
      gives: `{ aid: { kind: amount, unit: €/an, decimals: 2, title: { fr: a, en: a } },
  form: { kind: choice, title: { fr: f, en: f }, choices: { one: { fr: u, en: o }, two: { fr: d, en: t } } } }`,
    }),
  ])
    await publishRelease(agency).handle({ source, replaces: '' }, system())
})
afterAll(() => agency.close())

const publish = async (text: string) => (await publishProcedure(agency).handle({ source: text }, system())).procedure
const get = (id: string) => getProcedure(agency).handle({ id }, system())

describe('PublishProcedure', () => {
  it.each([
    [
      'a field that must be given although a member gives it (CRPA L113-12)',
      { income: 'evidence: { type: income, field: amount }, isGivenByPerson: true' },
      /fields\/income must not be asked of the person, because fund can give it/,
    ],
    [
      'the same of a predicate',
      { income: 'evidence: { type: income, field: is-low }, isGivenByPerson: true' },
      /fund can give it/,
    ],
    ['a field that nobody can give', { purposes: '[search]' }, /fields\/income can be had from nobody/],
    ['a field of which nobody said what it is', { income: 'isGivenByPerson: true' }, /heldByNobody/],
    [
      'an evidence type that is none',
      { income: 'evidence: { type: stars, field: amount }, isGivenByPerson: false' },
      /no evidence type/,
    ],
    ['a purpose that is none', { purposes: '[rate, curiosity]' }, /purposes\/1 is no purpose/],
    [
      'a step for computers alone (CRPA L112-8)',
      { ways: '[online]' },
      /steps\/ask\/ways has a way that needs no computer/,
    ],
    [
      'money by silence without a text of its own (CRPA L231-4)',
      { silence: '{ means: acceptance, after: { count: 2, unit: months }, reference: law }' },
      /silence\/means is rejection/,
    ],
    ['a rejection against which nothing can be done', { remedies: '[]' }, /remedies says/],
    ['silence without an end', { silence: '{ means: rejection, reference: law }' }, /silence\/after/],
    ['a reference that is none', { silence: '{ means: none, reference: bible }' }, /references has no bible/],
    ['a benefit without a rule', { benefit: 'benefit: stars' }, /benefit has no rule here/],
    ['a decision by a rule that only orients', { benefit: 'benefit: hint' }, /kind is orientation/],
    ['an orientation by a rule that decides', { kind: 'orientation' }, /kind is benefit/],
    [
      'applications to what decides nothing',
      { kind: 'orientation', benefit: 'benefit: hint', application: applicationSource({ algorithm: '' }) },
      /application is for a procedure that decides/,
    ],
    [
      'applications that can be refused without a remedy',
      { silence: '{ means: none, reference: law }', remedies: '[]', application: applicationSource() },
      /remedies says what a person can do against a refusal/,
    ],
    [
      'a rule of which nobody says what it is for (CRPA L311-3-1)',
      { application: applicationSource({ algorithm: '' }) },
      /application says in algorithm/,
    ],
    [
      'a machine that grants without a rule',
      { kind: 'plain', benefit: '', application: applicationSource({ automatic: 'true', algorithm: '' }) },
      /application\/automatic is for a benefit/,
    ],
    [
      'an algorithm of a procedure that has no rule',
      { kind: 'plain', benefit: '', application: applicationSource() },
      /application\/algorithm is for a benefit/,
    ],
    [
      'a machine that grants on health (GDPR article 9)',
      { benefit: 'benefit: allowance', application: applicationSource({ automatic: 'true' }) },
      /application\/automatic is false: its rule asks condition/,
    ],
    [
      'a retention under no text',
      { application: applicationSource({ retention: '{ after: { count: 1, unit: months }, reference: bible }' }) },
      /references has no bible/,
    ],
    [
      'what is better of something that is no amount of the rule',
      { application: applicationSource({ better: '{ aid: more }' }) },
      /application\/better\/aid is no amount that the rule gives/,
    ],
    [
      'what is better of a form of the right',
      { benefit: 'benefit: support', application: applicationSource({ better: '{ form: more }' }) },
      /application\/better\/form is no amount/,
    ],
    [
      'a better that is neither more nor less',
      { benefit: 'benefit: support', application: applicationSource({ better: '{ aid: same }' }) },
      /application\/better\/aid/,
    ],
    [
      'no time for what is missing',
      { application: applicationSource({ completion: '{ count: 0, unit: days }' }) },
      /application\/completion\/count/,
    ],
    ['a key that no procedure has', { ways: '[online, counter] , extra: 1' }, /ask/],
  ])('refuses %s', async (_, changes, faults) => {
    await expect(publish(source(changes as Record<string, string>))).rejects.toMatchObject({
      reason: 'PROCEDURE_INVALID',
      facts: { faults: expect.stringMatching(faults) },
    })
  })

  it('keeps what was in force when the next is refused', async () => {
    const published = await publish(source())
    expect(published).toMatchObject({
      id: 'grant',
      kind: ProcedureKind.PROCEDURE_KIND_BENEFIT,
      silence: { silence: Silence.SILENCE_REJECTION, count: 2, unit: 'months', legalReference: 'article 1' },
      remedies: [{ isMandatoryFirst: true, legalReference: 'article 1' }],
      faults: [],
    })
    await expect(publish(source({ ways: '[online]' }))).rejects.toMatchObject({ reason: 'PROCEDURE_INVALID' })
    expect(await get('grant')).toEqual({ procedure: published })
  })

  it('lets silence accept where a text says so, and a person give what they may leave out', async () => {
    const silence = '{ means: acceptance, after: { count: 2, unit: months }, reference: law, despiteMoney: law }'
    expect(await publish(source({ id: 'special', silence }))).toMatchObject({ id: 'special' })
    const optional = source({
      id: 'optional',
      income: 'evidence: { type: income, field: amount }, isGivenByPerson: true',
    })
    expect(
      await publish(optional.replace('isMandatory: true, evidence', 'isMandatory: false, evidence')),
    ).toMatchObject({
      fields: [{ isGivenByPerson: true }],
    })
  })

  it('says whether it takes applications, decides alone, and how long it waits', async () => {
    expect(await publish(source({ id: 'silent' }))).toMatchObject({
      takesApplications: false,
      isAutomatic: false,
      completionCount: 0,
      completionUnit: '',
    })
    const withdrawal = '[{ title: { fr: w, en: w }, within: { count: 4, unit: months }, reference: law }]'
    const open = { takesApplications: true, completionCount: 1, completionUnit: 'months', faults: [] }
    const takes = (id: string, automatic: string, benefit = 'benefit: grant') =>
      publish(source({ id, benefit, application: applicationSource({ automatic, withdrawal }) }))
    expect(await takes('open', 'false')).toMatchObject({ ...open, isAutomatic: false })
    expect(await takes('quick', 'true')).toMatchObject({ ...open, isAutomatic: true })
    expect(await takes('careful', 'false', 'benefit: allowance')).toMatchObject({ ...open, isAutomatic: false })
  })

  it('says of the amounts of its rule which way is better', async () => {
    const application = applicationSource({ better: '{ aid: more }' })
    expect(await publish(source({ id: 'supported', benefit: 'benefit: support', application }))).toMatchObject({
      faults: [],
    })
  })

  it('keeps the latest in force, and the same bytes once', async () => {
    await Promise.all([publish(source()), publish(source())])
    const changed = await publish(source({ ways: '[counter]' }))
    expect(await get('grant')).toEqual({ procedure: changed })
    await publish(source())
    expect((await get('grant')).procedure?.steps[0]?.ways).toHaveLength(2)
    const { rows } = await agency.postgres.query(`SELECT count(*) AS n FROM published_procedure WHERE id = 'grant'`)
    expect(rows).toEqual([{ n: 3 }])
  })
})

describe('ListProcedures', () => {
  it('finds the same in pages of one as at once', async () => {
    const list = (given = {}) => listProcedures(agency).handle({ pageSize: 0, pageToken: '', ...given }, system())
    const { procedures } = await list()
    expect(procedures.map(({ id }) => id)).toEqual([
      'careful',
      'grant',
      'open',
      'optional',
      'quick',
      'silent',
      'special',
      'supported',
    ])
    const first = await list({ pageSize: 1 })
    expect(await list({ pageToken: first.nextPageToken })).toMatchObject({ procedures: procedures.slice(1) })
    expect(listProcedures(agency).request.safeParse({ pageSize: 0, pageToken: 'NO' }).success).toBe(false)
  })
})

describe('GetProcedure', () => {
  it('knows no procedure that was never published', async () => {
    await expect(get('nothing')).rejects.toMatchObject({ reason: 'PROCEDURE_UNKNOWN' })
  })

  it('goes on, with its fault named, when the federation list changes', async () => {
    agency.loseAuthorisations()
    expect((await get('grant')).procedure).toMatchObject({
      id: 'grant',
      faults: [
        'fields/income can be had from nobody: no authorisation in force gives it for the purposes of this procedure',
      ],
    })
  })
})
