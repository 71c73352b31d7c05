import { pivotOf } from '@unefois/deploy/sandbox/people'
import type { Places } from '@unefois/deploy/sandbox/places'
import { QuestionState } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshPerson, sharedFederation } from './_federation.js'
import { refused } from './_refusals.js'
import { Resident } from './_resident.js'
import { Staff } from './_staff.js'

const because = { decidedBy: 'agent-12', why: 'Act of the civil register.' }

let places: Places
let resident: Resident
let staff: Staff
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  staff = await Staff.open(places)
})
afterAll(() => {
  resident.leave()
  staff.close()
})

const enrolling = () => resident.town.call('identity:enrol')
const entryOf = async (): Promise<string> =>
  (await staff.register.registerPerson({ pivot: pivotOf(resident.person) }, staff.call())).subject

describe('a register of an agency', () => {
  it('is enrolled entry by entry; a doubt waits for a human, who sees both sides, and the agency only its own', async () => {
    const one = pivotOf(await freshPerson(places))
    const other = pivotOf(await freshPerson(places))
    const doubtful = { ...other, gender: '' }
    const entries = [
      { reference: 'file-1', pivot: one },
      { reference: 'file-2', pivot: { ...one, birthdate: '1931-01-30' } },
      { reference: 'file-3', pivot: doubtful },
    ]
    const answered = await resident.town.identity.enrolSubjects({ entries }, await enrolling())
    expect(answered.entries.map(({ reference, match }) => [reference, match?.answer?.$case])).toEqual([
      ['file-1', 'subject'],
      ['file-2', 'different'],
      ['file-3', 'askHuman'],
    ])
    const again = await resident.town.identity.enrolSubjects({ entries }, await enrolling())
    expect(again).toEqual(answered)

    const asked = answered.entries[2]?.match?.answer
    const questionId = asked?.$case === 'askHuman' ? asked.value.questionId : ''
    const state = QuestionState.QUESTION_STATE_OPEN
    const own = await resident.town.identity.listQuestions({ state, pageSize: 200, pageToken: '' }, await enrolling())
    const mine = own.questions.find((each) => each.questionId === questionId)
    expect(mine).toMatchObject({ pivot: doubtful, state })
    expect(mine?.match).toBeUndefined()

    const shown = await staff.register.getQuestion({ questionId }, staff.call())
    expect(shown.candidates).toMatchObject([{ pivot: other, doubts: ['gender'] }])
    const same = shown.candidates[0]?.subject ?? ''
    await staff.register.decideQuestion(
      { questionId, decision: { $case: 'same', value: same }, ...because },
      staff.call(),
    )

    const { match } = await resident.town.identity.enrolSubject({ pivot: doubtful }, await enrolling())
    const { match: sure } = await resident.town.identity.enrolSubject({ pivot: other }, await enrolling())
    expect(match?.answer?.$case).toBe('subject')
    expect(match).toEqual(sure)
  })
})

describe('a pseudonym', () => {
  it('is resolved to itself for its own agency, and to nobody for another', async () => {
    const { subject, atFund } = resident
    const { subjects } = await resident.town.identity.resolveSubjects(
      { subjects: [subject, atFund] },
      await enrolling(),
    )
    expect(subjects.map(({ standing }) => standing)).toEqual([
      { $case: 'known', value: { subject, aliases: [] } },
      { $case: 'unknown', value: {} },
    ])
  })
})

describe('a death', () => {
  it('ends exchanges in the person’s name with a reason of its own, until it is taken back as a mistake', async () => {
    const subject = await entryOf()
    const record = (deceasedOn: string) => staff.register.recordDeath({ subject, deceasedOn, ...because }, staff.call())
    const rpc = 'unefois.documents.v1.DocumentsService/RequestEvidence'
    const basisId = await resident.tell()
    await record('2026-11-02')
    expect(await refused(rpc, () => resident.ask(basisId))).toMatchObject({ reason: 'SUBJECT_DECEASED' })
    await record('')
    expect((await resident.ask(basisId)).outcome?.$case).toBe('evidence')
  })
})
