import { randomBytes, randomUUID } from 'node:crypto'
import { systemClock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import type { Call } from '@unefois/chassis/rpc'
import type { RecordProactiveUseRequest } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { RequestEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { Answer } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { basisIdFrom } from '@unefois/proto/ids'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openAgency, procedureSource, ruleSource, system } from '../agency.fixture.js'
import { grantMade } from '../decision.fixture.js'
import { Decisions } from '../store/decisions.js'
import { publishProcedure } from './publish-procedure.js'
import { publishRelease } from './publish-release.js'
import { seekRights } from './seek-rights.js'

const nowMs = Date.parse('2026-11-22T09:00:00Z')
const exchangeId = '0b0e7a52-0000-4000-8000-000000000001'
const aPerson = (): string => `p1.1.${randomBytes(16).toString('base64url')}`

interface Passed {
  readonly accessToken?: string
  readonly idempotencyKey?: string
}
const signed: { request: RecordProactiveUseRequest; call: Passed; basisId: string }[] = []
const asked: { request: RequestEvidenceRequest; accessToken: string | undefined }[] = []
/** What consent, and what the documents, refuse of whom. */
const notSigned = new Map<string, Reason>()
const notAsked = new Map<string, Reason>()
const incomes = new Map<string, number>()
/** How long the documents take about somebody. */
const takes = new Map<string, number>()
let monotonicMs = 0

let agency: Awaited<ReturnType<typeof openAgency>>
let needs: Parameters<typeof seekRights>[0]
const sources = '[{ evidenceType: income, field: amount, purpose: search }]'
beforeAll(async () => {
  agency = await openAgency(
    {
      requestEvidence: async (request, { accessToken }) => {
        asked.push({ request, accessToken })
        monotonicMs += takes.get(request.subject) ?? 0
        const refusal = notAsked.get(request.subject)
        if (refusal) throw new MeshError(refusal)
        const valueJson = JSON.stringify({ amount: incomes.get(request.subject) ?? 900 })
        const value = { valueJson, version: 3, asOfMs: 7, predicates: [], keepUntilMs: 9 }
        return { exchangeId, outcome: { $case: 'evidence', value } }
      },
    },
    {
      recordProactiveUse: async (request, call) => {
        call.deadline.forNextHopMs()
        const refusal = notSigned.get(request.subject)
        if (refusal) throw new MeshError(refusal)
        const basisId = basisIdFrom(randomBytes(16))
        signed.push({ request, call, basisId })
        return { basisId, recordedAtMs: 5 }
      },
    },
  )
  needs = { ...agency, decisions: new Decisions(agency) }
  for (const source of [
    ruleSource({ sources }),
    ruleSource({ benefit: 'over', validTo: '2026-03-31' }),
    ruleSource({ benefit: 'told' }),
  ])
    await publishRelease(agency).handle({ source, replaces: '' }, system())
  const searching = { purposes: '[rate, search]' }
  for (const changes of [
    searching,
    { ...searching, id: 'over', benefit: 'benefit: over' },
    { ...searching, id: 'told', benefit: 'benefit: told' },
    { id: 'unsearched' },
    { id: 'plain', kind: 'plain', benefit: '' },
  ])
    await publishProcedure(agency).handle({ source: procedureSource(changes) }, system())
})
afterAll(() => agency.close())
beforeEach(() => {
  signed.length = 0
  asked.length = 0
  for (const each of [notSigned, notAsked, incomes, takes]) each.clear()
})

const calling: Call = {
  ...system(),
  accessToken: 'the token of the caller',
  deadline: Deadline.after(60_000, { ...systemClock, monotonicMs: () => monotonicMs }),
}
const wish = (subjects: readonly string[], changes: object = {}) => ({
  procedure: 'grant',
  campaign: 'autumn',
  subjects: [...subjects],
  language: 'fr',
  ...changes,
})
const seek = async (subjects: readonly string[], changes: object = {}) => {
  const { outcome } = await seekRights(needs).handle(wish(subjects, changes), calling)
  if (outcome?.$case !== 'sought') throw new Error('nobody was looked for')
  return outcome.value.people
}
const casesOf = async (subjects: readonly string[]): Promise<(string | undefined)[]> =>
  (await seek(subjects)).map(({ outcome }) => outcome?.$case)

interface Decided {
  readonly outcome?: Outcome
  readonly toDay?: string
  readonly procedure?: string
  readonly applicationId?: string
  readonly issuedAtMs?: number
}
const decide = (subject: string, given: Decided = {}): Promise<void> => {
  const { outcome = Outcome.OUTCOME_GRANTED, toDay = '', procedure = 'grant' } = given
  const { applicationId = randomUUID(), issuedAtMs = nowMs } = given
  const decision = {
    ...{ decisionId: randomUUID(), applicationId, subject, procedure, issuedAtMs },
    made: grantMade({ outcome, toDay }),
    ...{ signedBy: undefined, delegationId: '', remedies: [], algorithmNotice: '', releaseSha256: '' },
    ...{ jws: '', keptUntilDay: '2030-01-01', legalHold: '' },
  }
  const file = { statementJson: '', signatureJws: '', revision: 1, language: 'fr', entries: [], corrections: [] }
  const rest = { used: [], notObtained: [], algorithm: undefined }
  return agency.postgres.transaction((tx) => new Decisions(agency).insert(tx, { ...file, ...rest, decision }))
}

describe('a search for rights is refused', () => {
  it.each<[string, object]>([
    ['of nobody', { subjects: [] }],
    ['of more than 50 people', { subjects: Array.from({ length: 51 }, aPerson) }],
    ['of somebody twice', { subjects: [`p1.1.${'a'.repeat(22)}`, `p1.1.${'a'.repeat(22)}`] }],
    ['of a name that is no pseudonym', { subjects: ['ada'] }],
    ['without a campaign', { campaign: '' }],
    ['in a campaign whose name consent does not take', { campaign: 'a' }],
    ['without a procedure', { procedure: '' }],
  ])('%s', (_, changes) => {
    expect(seekRights(needs).request.safeParse(wish([aPerson()])).success).toBe(true)
    expect(seekRights(needs).request.safeParse(wish([aPerson()], changes)).success).toBe(false)
  })

  it('in a procedure that is none, or has no rule', async () => {
    await expect(seek([aPerson()], { procedure: 'nothing' })).rejects.toMatchObject({ reason: 'PROCEDURE_UNKNOWN' })
    await expect(seek([aPerson()], { procedure: 'plain' })).rejects.toMatchObject({ reason: 'BENEFIT_UNKNOWN' })
    expect([signed, asked]).toEqual([[], []])
  })

  it.each<Reason>(['TOKEN_EXPIRED', 'CALLER_NOT_ALLOWED'])(
    'by consent or by the documents with %s, which is the caller’s own',
    async (reason) => {
      const [person, other] = [aPerson(), aPerson()]
      notSigned.set(person, reason)
      await expect(seek([person, other])).rejects.toMatchObject({ reason })
      notSigned.clear()
      notAsked.set(person, reason)
      await expect(seek([person, other])).rejects.toMatchObject({ reason })
      expect(signed.map(({ request }) => request.subject)).toEqual([person])
    },
  )

  it('by the day: without a release in force nobody is looked at', async () => {
    const { outcome } = await seekRights(needs).handle(wish([aPerson()], { procedure: 'over' }), calling)
    expect(outcome).toMatchObject({ $case: 'noRelease', value: { day: '2026-11-22', nearest: { benefit: 'over' } } })
    expect([signed, asked]).toEqual([[], []])
  })
})

describe('nobody is asked', () => {
  it.each([
    ['where no purpose of the procedure is searched for', 'unsearched'],
    ['where the search gives no fact of the rule', 'told'],
  ])('%s: everybody is refused', async (_, procedure) => {
    const people = [aPerson(), aPerson()]
    const value = 'PURPOSE_NOT_AUTHORISED'
    expect(await seek(people, { procedure })).toEqual(
      people.map((subject) => ({ subject, outcome: { $case: 'refused', value } })),
    )
    expect([signed, asked]).toEqual([[], []])
  })

  it('about who opposes, be it that the documents alone have heard of it yet', async () => {
    const [opposed, late, other] = [aPerson(), aPerson(), aPerson()]
    notSigned.set(opposed, 'OPPOSITION_STANDS')
    notAsked.set(late, 'OPPOSITION_STANDS')
    expect(await casesOf([opposed, late, other])).toEqual(['hasOpposed', 'hasOpposed', 'assessment'])
    expect(asked.map(({ request }) => request.subject)).toEqual([late, other])
  })

  it.each<[string, Decided]>([
    ['by a decision without an end', {}],
    ['by one that ends today', { toDay: '2026-11-22' }],
    ['in part', { outcome: Outcome.OUTCOME_PARTLY_GRANTED }],
  ])('about who receives it %s, and nothing is signed', async (_, decided) => {
    const person = aPerson()
    await decide(person, decided)
    expect(await casesOf([person])).toEqual(['receives'])
    expect([signed, asked]).toEqual([[], []])
  })
})

describe('somebody does not receive it', () => {
  it.each<[string, Decided]>([
    ['once it has ended', { toDay: '2026-11-21' }],
    ['by a refusal', { outcome: Outcome.OUTCOME_REFUSED }],
    ['by another procedure', { procedure: 'other' }],
  ])('%s', async (_, decided) => {
    const person = aPerson()
    await decide(person, decided)
    expect(await casesOf([person])).toEqual(['assessment'])
  })

  it('by a decision that a later one on the same application replaced', async () => {
    const [person, applicationId] = [aPerson(), randomUUID()]
    await decide(person, { applicationId, issuedAtMs: nowMs - 5 })
    expect(await casesOf([person])).toEqual(['receives'])
    await decide(person, { applicationId, outcome: Outcome.OUTCOME_REFUSED })
    expect(await casesOf([person])).toEqual(['assessment'])
  })
})

describe('a search for rights', () => {
  it('records the use with the caller’s own token, asks on that basis for the fact alone, and says on what it rests', async () => {
    const [entitled, rich] = [aPerson(), aPerson()]
    incomes.set(rich, 2000)
    const people = await seek([entitled, rich])
    expect(signed).toMatchObject(
      [entitled, rich].map((subject) => ({
        request: { subject, provider: 'fund', purpose: 'search', evidenceTypes: ['income'], campaign: 'autumn' },
        call: { accessToken: 'the token of the caller' },
      })),
    )
    expect(new Set(signed.map(({ call }) => call.idempotencyKey)).size).toBe(2)
    expect(asked).toEqual(
      signed.map(({ request: { subject }, basisId }) => ({
        request: {
          ...{ subject, provider: 'fund', evidenceType: 'income', purpose: 'search', procedure: 'grant', basisId },
          ...{ fields: ['amount'], predicates: [] },
        },
        accessToken: 'the token of the caller',
      })),
    )
    const source = { evidenceType: 'income', field: 'amount', purpose: 'search' }
    const used = [{ isSelfDeclared: false, provider: 'fund', exchangeId, version: 3, source }]
    expect(people).toMatchObject([
      { subject: entitled, outcome: { value: { finding: { answer: Answer.ANSWER_YES }, used, notObtained: [] } } },
      { subject: rich, outcome: { value: { finding: { answer: Answer.ANSWER_NO }, used, notObtained: [] } } },
    ])
  })

  it('goes on where something is refused of one person, and takes a member’s silence for unknown', async () => {
    const [split, unknown, unreached, fine] = [aPerson(), aPerson(), aPerson(), aPerson()]
    notSigned.set(split, 'SUBJECT_SPLIT')
    notAsked.set(unknown, 'SUBJECT_UNKNOWN')
    notAsked.set(unreached, 'UNAVAILABLE')
    const people = await seek([split, unknown, unreached, fine])
    expect(people).toMatchObject([
      { outcome: { $case: 'refused', value: 'SUBJECT_SPLIT' } },
      { outcome: { $case: 'refused', value: 'SUBJECT_UNKNOWN' } },
      { outcome: { value: { finding: { answer: Answer.ANSWER_UNKNOWN }, notObtained: [{ provider: 'fund' }] } } },
      { outcome: { value: { finding: { answer: Answer.ANSWER_YES } } } },
    ])
  })

  it('tells what was found of the first where a member let no time for the others', async () => {
    const [quick, slow, ...late] = [aPerson(), aPerson(), aPerson(), aPerson()]
    takes.set(slow, 10_000)
    const deadline = Deadline.after(10_000, { ...systemClock, monotonicMs: () => monotonicMs })
    const { outcome } = await seekRights(needs).handle(wish([quick, slow, ...late]), { ...calling, deadline })
    const refused = { outcome: { $case: 'refused', value: 'DEADLINE_EXCEEDED' } }
    expect(outcome?.value).toMatchObject({
      people: [{ outcome: { $case: 'assessment' } }, { outcome: { $case: 'assessment' } }, refused, refused],
    })
    expect(asked.map(({ request }) => request.subject)).toEqual([quick, slow])
  })

  it('asks about nobody who opposed or receives, and answers in the order of the request', async () => {
    const somebody = fc.record({
      opposes: fc.boolean(),
      decided: fc.constantFrom<Decided | undefined>(
        undefined,
        {},
        { toDay: '2026-11-22' },
        { toDay: '2026-11-21' },
        { outcome: Outcome.OUTCOME_REFUSED },
        { outcome: Outcome.OUTCOME_PARTLY_GRANTED, toDay: '2027-01-01' },
      ),
    })
    const isGiven = ({ outcome, toDay = '' }: Decided = { toDay: '2026-11-21' }): boolean =>
      outcome !== Outcome.OUTCOME_REFUSED && toDay !== '2026-11-21'
    const run = fc.asyncProperty(fc.array(somebody, { minLength: 1, maxLength: 6 }), async (some) => {
      asked.length = 0
      signed.length = 0
      notSigned.clear()
      const people = some.map((each) => ({ ...each, subject: aPerson() }))
      for (const { subject, opposes, decided } of people) {
        if (decided) await decide(subject, decided)
        if (opposes) notSigned.set(subject, 'OPPOSITION_STANDS')
      }
      const found = await seek(people.map(({ subject }) => subject))
      expect(found.map(({ subject, outcome }) => [subject, outcome?.$case])).toEqual(
        people.map(({ subject, opposes, decided }) => {
          if (isGiven(decided)) return [subject, 'receives']
          return [subject, opposes ? 'hasOpposed' : 'assessment']
        }),
      )
      const free = people.filter(({ opposes, decided }) => !opposes && !isGiven(decided)).map(({ subject }) => subject)
      expect(asked.map(({ request }) => request.subject)).toEqual(free)
      expect(signed.map(({ request }) => request.subject)).toEqual(free)
    })
    await fc.assert(run, { numRuns: 40 })
  })

  it('is refused everybody once the fund has taken back what it had authorised', async () => {
    agency.loseAuthorisations()
    expect(await seek([aPerson()])).toMatchObject([{ outcome: { $case: 'refused', value: 'PURPOSE_NOT_AUTHORISED' } }])
    expect([signed, asked]).toEqual([[], []])
  })
})
