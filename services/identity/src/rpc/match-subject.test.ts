import { isSubjectId } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuthorityFixture, ask, callBy, callOf, openAuthority } from '../authority.fixture.js'
import { members } from '../federation.fixture.js'
import { mother, twins } from '../people.fixture.js'
import { matchSubject } from './match-subject.js'

let authority: AuthorityFixture

beforeAll(async () => {
  authority = await openAuthority()
  for (const pivot of [mother, ...twins]) await authority.stores.register.register(pivot, authority.clock.nowMs())
})
afterAll(() => authority.postgres.close())

const knowing = async (pivot: typeof mother) => {
  const [known] = await authority.stores.register.candidates(pivot)
  return known ? authority.stores.acquaintances.membersOf(known.person) : []
}

describe('MatchSubject', () => {
  it('refuses whoever is no member', async () => {
    const call = callBy({ kind: 'neighbour', service: 'gateway' })
    await expect(ask(matchSubject(authority), { pivot: mother }, call)).rejects.toMatchObject({
      reason: 'CALLER_NOT_ALLOWED',
    })
  })

  it('answers different for somebody whom the register does not have', async () => {
    const pivot = { ...mother, birthdate: '1988-03-10' }
    const { match } = await ask(matchSubject(authority), { pivot }, callOf(members.requester))
    expect(match?.answer).toEqual({ $case: 'different', value: {} })
  })

  it('asks a human when in doubt, says nothing of whom, and makes no acquaintance', async () => {
    const doubtful = await ask(matchSubject(authority), { pivot: { ...mother, gender: '' } }, callOf(members.requester))
    expect(doubtful.match?.answer).toEqual({
      $case: 'askHuman',
      value: { candidates: 0, questionId: expect.any(String) },
    })
    const twin = await ask(
      matchSubject(authority),
      { pivot: { ...twins[0], givenName: 'Maël' } },
      callOf(members.requester),
    )
    expect(twin.match?.answer).toEqual({
      $case: 'askHuman',
      value: { candidates: 0, questionId: expect.any(String) },
    })
    expect(await knowing(mother)).toEqual([])
  })

  it('answers each member its own pseudonym, and knows from then on that it knows the person', async () => {
    const answers = []
    for (const member of [members.requester, members.provider]) {
      const { match } = await ask(matchSubject(authority), { pivot: mother }, callOf(member))
      if (match?.answer?.$case !== 'subject') throw new Error('a match expected')
      answers.push(match.answer.value)
    }
    const [atRequester = '', atProvider = ''] = answers
    expect(isSubjectId(atRequester) && isSubjectId(atProvider)).toBe(true)
    expect(atRequester).not.toBe(atProvider)
    expect(await knowing(mother)).toEqual([members.provider, members.requester])
  })
})
