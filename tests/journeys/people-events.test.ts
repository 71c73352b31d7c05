import { pivotOf } from '@unefois/deploy/sandbox/people'
import type { Places } from '@unefois/deploy/sandbox/places'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshPerson, sharedFederation } from './_federation.js'
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

/** Everything that the identity authority told the town, up to now. */
const heard = async () => {
  const call = await resident.town.call('identity:enrol')
  const all = []
  for (let pageToken = ''; ; ) {
    const { events, nextPageToken } = await resident.town.identity.listIdentityEvents(
      { pageSize: 200, pageToken },
      call,
    )
    if (events.length === 0) return all
    all.push(...events)
    pageToken = nextPageToken
  }
}

describe('an agency', () => {
  it('hears over the bus that people whom it knows are one, and goes on with either pseudonym', async () => {
    const person = await freshPerson(places)
    const pivot = pivotOf(person)
    const { match } = await resident.town.identity.enrolSubject({ pivot }, await resident.town.call('identity:enrol'))
    const second = match?.answer?.$case === 'subject' ? match.answer.value : ''
    const entryOf = async (of: typeof pivot) =>
      (await staff.register.registerPerson({ pivot: of }, staff.call())).subject
    const { toldMembers } = await staff.register.mergePersons(
      { from: await entryOf(pivot), into: await entryOf(pivotOf(resident.person)), ...because },
      staff.call(),
    )
    expect(toldMembers).toBe(1)
    const merges = async () =>
      (await heard()).flatMap(({ change }) => (change?.change?.$case === 'subjectMerged' ? [change.change.value] : []))
    await expect.poll(merges, { timeout: 10_000 }).toContainEqual({ subjects: [second], into: resident.subject })
    const basisId = await resident.tell()
    expect((await resident.ask(basisId)).outcome?.$case).toBe('evidence')
    const asked = { ...resident.notice(), subject: second }
    const { basisId: other } = await resident.town.consent.recordNotice(asked, await resident.town.call('notice:write'))
    expect((await resident.ask(other, { subject: second })).outcome?.$case).toBe('evidence')
  })
})
