import { readFileSync, writeFileSync } from 'node:fs'
import { registerEntriesPath } from '@unefois/deploy/sandbox/outside-config'
import type { RegisterEntry } from '@unefois/deploy/sandbox/register'
import {
  Answer,
  type AssessRequest,
  EligibilityServiceDefinition,
  type PlanAssessmentRequest,
} from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { basisIdFrom } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrolAt, freshPerson, sharedFederation } from './_federation.js'
import { refusalOf } from './_refusals.js'
import { evidenceType, fund, personTokenOf, Resident, told, town } from './_resident.js'

let resident: Resident
/** The town's own pseudonym of a child of the resident. */
let child: string

/** The fund's register knows the child as a dependant. */
const makeDependant = (entry: RegisterEntry, subject: string): RegisterEntry => ({
  ...entry,
  related: [{ relation: 'enfants', subject }],
})

beforeAll(async () => {
  const places = await sharedFederation()
  resident = await Resident.settle(places)
  const person = await freshPerson(places)
  child = await enrolAt(places, town, person)
  const childAtFund = await enrolAt(places, fund, person)
  const path = registerEntriesPath(places.directory, fund, evidenceType)
  const entries: RegisterEntry[] = JSON.parse(readFileSync(path, 'utf8'))
  const changed = entries.map((entry) =>
    entry.subject === resident.atFund ? makeDependant(entry, childAtFund) : entry,
  )
  writeFileSync(path, JSON.stringify(changed))
})
afterAll(() => resident.leave())

const eligibility = () => resident.town.service('eligibility', EligibilityServiceDefinition)
/** What the town knows itself. */
const facts = [{ name: 'école de la commune', value: { $case: 'yes' as const, value: true } }]
const asking = (given: Partial<PlanAssessmentRequest> = {}): PlanAssessmentRequest => ({
  subject: resident.subject,
  procedure: told,
  day: '',
  facts,
  language: 'en',
  ...given,
})
const assessing = (given: Partial<AssessRequest> = {}): AssessRequest => ({
  ...asking(),
  bases: [],
  relatedSubject: child,
  ...given,
})
const basis = (basisId: string) => ({ provider: fund, purpose: told, basisId })
/** What the town's software needs to have evidence asked for. */
const both = () => resident.town.call('eligibility:assess evidence:request')
const asPerson = async () => ({
  deadlineMs: 10_000,
  accessToken: await personTokenOf(resident.places, resident.person, town),
})

describe('an assessment', () => {
  it('is planned by nobody for another person, and not for a procedure that is none', async () => {
    const rpc = 'unefois.eligibility.v1.EligibilityService/PlanAssessment'
    const other = asking({ subject: `p1.1.${'A'.repeat(22)}` })
    const own = await asPerson()
    expect(await refusalOf(rpc, () => eligibility().planAssessment(other, own))).toBe('CALLER_NOT_ALLOWED')
    const nothing = asking({ procedure: 'winning-the-lottery' })
    expect(await refusalOf(rpc, () => eligibility().planAssessment(nothing, own))).toBe('PROCEDURE_UNKNOWN')
  })

  it('is made by nobody of another person, nor with a fact that the rule does not have', async () => {
    const rpc = 'unefois.eligibility.v1.EligibilityService/Assess'
    const own = await asPerson()
    const other = assessing({ subject: `p1.1.${'A'.repeat(22)}` })
    expect(await refusalOf(rpc, () => eligibility().assess(other, own))).toBe('CALLER_NOT_ALLOWED')
    const luck = [{ name: 'luck', value: { $case: 'yes' as const, value: true } }]
    expect(await refusalOf(rpc, () => eligibility().assess(assessing({ facts: luck }), own))).toBe('FACT_INVALID')
  })

  it('has no power of its own: a system without the scope for evidence is refused by the documents', async () => {
    const rpc = 'unefois.eligibility.v1.EligibilityService/Assess'
    const bases = [basis(await resident.tell())]
    const call = await resident.town.call('eligibility:assess')
    expect(await refusalOf(rpc, () => eligibility().assess(assessing({ bases }), call))).toBe('CALLER_NOT_ALLOWED')
  })

  it('says first who could tell what, and then rests on what the fund told, asked with nothing else', async () => {
    const { outcome: planned } = await eligibility().planAssessment(asking(), await both())
    if (planned?.$case !== 'plan') throw new Error('there is no rule in force')
    const holders = planned.value.facts.map((each) => each.holders.map(({ provider, mode }) => `${provider} ${mode}`))
    expect(holders.length).toBeGreaterThan(0)
    for (const each of holders) expect(each).toContain(`${fund} information`)

    const { outcome: without } = await eligibility().assess(assessing(), await both())
    expect(without).toMatchObject({
      value: { finding: { answer: Answer.ANSWER_UNKNOWN }, used: [{ isSelfDeclared: true }], notObtained: [] },
    })

    const bases = [basis(await resident.tell())]
    const { outcome } = await eligibility().assess(assessing({ bases }), await both())
    if (outcome?.$case !== 'assessment') throw new Error('nothing was assessed')
    const { finding, used, notObtained } = outcome.value
    expect(notObtained).toEqual([])
    expect(finding).toMatchObject({ answer: Answer.ANSWER_YES, missing: [] })
    expect(finding?.gives.map(({ unit }) => unit)).toContain('€/repas')
    const fetched = used.filter(({ isSelfDeclared }) => !isSelfDeclared)
    expect(fetched.length).toBe(planned.value.facts.length)
    for (const each of fetched) expect(each).toMatchObject({ provider: fund, isSelfDeclared: false })
    expect(new Set(fetched.map(({ exchangeId }) => exchangeId)).size).toBe(1)
    const uses = (await resident.uses()).filter(({ exchangeId }) => exchangeId === fetched[0]?.exchangeId)
    expect(uses.length).toBeGreaterThan(0)
    for (const use of uses) expect(use).toMatchObject({ fields: ['quotient_familial.valeur'] })
  })

  it('never takes a gate’s refusal for a no', async () => {
    const bases = [basis(basisIdFrom(Buffer.alloc(16)))]
    const { outcome } = await eligibility().assess(assessing({ bases }), await both())
    expect(outcome).toMatchObject({
      value: {
        finding: { answer: Answer.ANSWER_UNKNOWN },
        notObtained: [{ provider: fund, why: { $case: 'refused' } }],
      },
    })
  })
})
