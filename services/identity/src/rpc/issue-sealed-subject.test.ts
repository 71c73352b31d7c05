import { randomBytes } from 'node:crypto'
import { basisIdFrom } from '@unefois/proto/ids'
import { OpeningKeys } from '@unefois/proto/jwe'
import { openSealedSubject } from '@unefois/proto/subject-ticket'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuthorityFixture, ask, callOf, openAuthority } from '../authority.fixture.js'
import type { PersonId } from '../domain/person.js'
import { keys, members, startSeconds } from '../federation.fixture.js'
import { mother } from '../people.fixture.js'
import { issueSealedSubject } from './issue-sealed-subject.js'

let authority: AuthorityFixture
let person: PersonId
const basisId = basisIdFrom(randomBytes(16))

beforeAll(async () => {
  authority = await openAuthority()
  await authority.stores.register.register(mother, authority.clock.nowMs())
  const [known] = await authority.stores.register.candidates(mother)
  if (!known) throw new Error('a person expected')
  person = known.person
})
afterAll(() => authority.postgres.close())

const issue = (changed: object) => {
  const subject: string = authority.pseudonyms.of(person, members.consentAuthority)
  const request = { subject, party: members.provider as string, basisId: basisId as string, ...changed }
  return ask(issueSealedSubject(authority), request, callOf(members.consentAuthority))
}

describe('IssueSealedSubject', () => {
  it('refuses a party that is no member', async () => {
    await expect(issue({ party: 'nobody' })).rejects.toMatchObject({ reason: 'MEMBER_UNKNOWN' })
  })

  it('refuses a pseudonym that is not the consent authority’s own', async () => {
    const subject = authority.pseudonyms.of(person, members.provider)
    await expect(issue({ subject })).rejects.toMatchObject({ reason: 'SUBJECT_UNKNOWN' })
  })

  it('names the person to the party, readable by its consent alone', async () => {
    const { sealedSubject } = await issue({})
    const openWith = (member: typeof members.provider, service: string) =>
      openSealedSubject(sealedSubject, {
        authority: members.registry,
        audience: members.provider,
        openingKeys: new OpeningKeys([keys.of(member, 'seal', service).privateKey]),
        keyOf: authority.federation.current.keyOf('ticket'),
        nowSeconds: startSeconds,
      })
    expect(() => openWith(members.consentAuthority, 'consent-authority')).toThrow()
    expect(() => openWith(members.provider, 'documents')).toThrow()
    expect(openWith(members.provider, 'consent')).toEqual({
      jti: expect.any(String),
      iss: members.registry,
      aud: members.provider,
      sub: authority.pseudonyms.of(person, members.provider),
      basis: basisId,
      iat: startSeconds,
    })
  })
})
