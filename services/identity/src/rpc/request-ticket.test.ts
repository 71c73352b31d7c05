import { randomBytes } from 'node:crypto'
import { basisIdFrom } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authorityAskedBy } from '../agency.fixture.js'
import { type AuthorityFixture, ask, callBy, openAuthority } from '../authority.fixture.js'
import type { AuthorityClient } from '../authority-client.js'
import { members, purpose, startSeconds } from '../federation.fixture.js'
import { idToken, mother } from '../people.fixture.js'
import { enrolSubject } from './enrol-subject.js'
import { listKnowingMembers } from './list-knowing-members.js'
import { requestSealedSubject } from './request-sealed-subject.js'
import { requestTicket } from './request-ticket.js'

let fixture: AuthorityFixture
let authority: AuthorityClient
const basisId: string = basisIdFrom(randomBytes(16))
const system = callBy({ kind: 'system', clientId: 'desk', scopes: ['identity:enrol'] })
const documents = callBy({ kind: 'neighbour', service: 'documents' })

const enrol = async (): Promise<string> => {
  const { match } = await ask(enrolSubject({ authority }), { pivot: mother }, system)
  return match?.answer?.$case === 'subject' ? match.answer.value : ''
}

beforeAll(async () => {
  fixture = await openAuthority()
  authority = authorityAskedBy(fixture, members.requester)
  await fixture.stores.register.register(mother, fixture.clock.nowMs())
})
afterAll(() => fixture.postgres.close())

describe('EnrolSubject', () => {
  it('refuses no pivot identity', () => {
    expect(enrolSubject({ authority }).request.safeParse({}).success).toBe(false)
  })

  it('answers what the authority answers', async () => {
    expect(await enrol()).toMatch(/^p1\.1\./)
    const doubtful = await ask(enrolSubject({ authority }), { pivot: { ...mother, gender: '' } }, system)
    expect(doubtful.match?.answer?.$case).toBe('askHuman')
  })
})

describe('RequestTicket', () => {
  it('refuses what the authority refuses, with its reason', async () => {
    const request = { subject: await enrol(), provider: members.stranger, purpose, basisId, loginHandle: '' }
    await expect(ask(requestTicket({ authority }), request, documents)).rejects.toMatchObject({
      reason: 'PURPOSE_NOT_AUTHORISED',
    })
  })

  it('answers a ticket and when it ends', async () => {
    const request = { subject: await enrol(), provider: members.provider, purpose, basisId, loginHandle: '' }
    const { ticket, expiresAtSeconds } = await ask(requestTicket({ authority }), request, documents)
    expect(ticket.split('.')).toHaveLength(5)
    expect(expiresAtSeconds).toBe(startSeconds + 3600)
  })
})

describe('RequestSealedSubject', () => {
  it('answers a person sealed for a party', async () => {
    const ofConsents = authorityAskedBy(fixture, members.consentAuthority)
    const federatedToken = idToken(mother, { aud: 'consents-client' })
    const { subject } = await ofConsents().openLogin({ federatedToken }, documents)
    const request = { subject, party: members.provider, basisId }
    const { sealedSubject } = await ask(requestSealedSubject({ authority: ofConsents }), request, documents)
    expect(sealedSubject.split('.')).toHaveLength(5)
  })
})

describe('ListKnowingMembers', () => {
  it('refuses whoever is not a person', async () => {
    await expect(ask(listKnowingMembers({ authority }), { purpose: '' }, documents)).rejects.toMatchObject({
      reason: 'CALLER_NOT_ALLOWED',
    })
  })

  it('answers for the person who calls, by the login of their token', async () => {
    await enrol()
    const portal = authorityAskedBy(fixture, members.portal)
    const login = await portal().openLogin({ federatedToken: idToken(mother, { aud: 'portal-client' }) }, documents)
    const { acr, authTimeSeconds, loginHandle } = login
    const subject = fixture.pseudonyms.of(
      (await fixture.stores.logins.find(loginHandle))?.person ?? never(),
      members.portal,
    )
    const person = callBy({ kind: 'person', clientId: 'gateway', subject, acr, authTimeSeconds, loginHandle })
    const { members: knowing } = await ask(listKnowingMembers({ authority: portal }), { purpose: '' }, person)
    expect(knowing).toEqual([members.requester])
  })
})

function never(): never {
  throw new Error('a login expected')
}
