import { OpeningKeys } from '@unefois/proto/jwe'
import { MeshError } from '@unefois/proto/reasons'
import { openSealedSubject } from '@unefois/proto/subject-ticket'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type AuthorityFixture,
  artefactsFor,
  ask,
  callOf,
  everyConsentOf,
  openAuthority,
  personAt,
  pushed,
  pushOf,
} from '../authority.fixture.js'
import { queued } from '../database.fixture.js'
import {
  asker,
  assent,
  federationOf,
  keysOf,
  pseudonym,
  register,
  returnUrl,
  sourceOne,
  sourceTwo,
  startSeconds,
} from '../federation.fixture.js'
import { grantConsent } from './grant-consent.js'
import { refuseConsent } from './refuse-consent.js'

let authority: AuthorityFixture
beforeEach(async () => {
  authority = await openAuthority('consent_grant')
})
afterEach(() => authority.postgres.close())

const call = (person = 'ada') => callOf(authority.clock, personAt(assent, person))
const grant = (requestId: string, person = 'ada', language = 'fr') =>
  ask(grantConsent(authority), { requestId, language }, call(person))
const nothingHappened = async () => {
  expect(await queued(authority.postgres)).toEqual([])
  expect(await everyConsentOf(authority, pseudonym('ada', assent))).toEqual([])
}

describe('GrantConsent', () => {
  it('refuses another person and records nothing', async () => {
    const requestId = await pushed(authority)
    await expect(grant(requestId, 'bea')).rejects.toMatchObject({ reason: 'CONSENT_REQUEST_UNKNOWN' })
    await nothingHappened()
  })

  it('refuses an expired request', async () => {
    const requestId = await pushed(authority)
    authority.clock.advance(3_600_000)
    await expect(grant(requestId)).rejects.toMatchObject({ reason: 'CONSENT_REQUEST_CLOSED' })
    await nothingHappened()
  })

  it('refuses a request that was refused', async () => {
    const requestId = await pushed(authority)
    await ask(refuseConsent(authority), { requestId }, call())
    await expect(grant(requestId)).rejects.toMatchObject({ reason: 'CONSENT_REQUEST_CLOSED' })
  })

  it('refuses when the list no longer says what was shown', async () => {
    const requestId = await pushed(authority)
    authority.federation.current = federationOf({ textVersion: 'v2' })
    await expect(grant(requestId)).rejects.toMatchObject({ reason: 'CONSENT_REQUEST_CLOSED' })
    await nothingHappened()
  })

  it('records nothing when the person cannot be sealed for a party', async () => {
    const requestId = await pushed(authority)
    authority.identity.failure = new MeshError('UNAVAILABLE')
    await expect(grant(requestId)).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
    await nothingHappened()
  })

  it('refuses a language that the text does not exist in', () => {
    const { request } = grantConsent(authority)
    expect(request.safeParse({ requestId: 'A'.repeat(22), language: 'de' }).success).toBe(false)
  })

  it('answers the same to the same yes, and tells the parties once', async () => {
    const requestId = await pushed(authority)
    const first = await grant(requestId)
    authority.clock.advance(7_200_000)
    expect(await grant(requestId)).toEqual(first)
    expect(await queued(authority.postgres)).toHaveLength(4)
  })

  it('counts one of two answers that arrive together', async () => {
    const requestId = await pushed(authority)
    const answers = await Promise.allSettled([
      grant(requestId),
      grant(requestId),
      ask(refuseConsent(authority), { requestId }, call()),
    ])
    const consents = await everyConsentOf(authority, pseudonym('ada', assent))
    expect(consents).toHaveLength(1)
    const isGiven = consents[0]?.state === 'given'
    expect(answers.map(({ status }) => status === 'fulfilled')).toEqual([isGiven, isGiven, !isGiven])
  })

  it('gives each provider its own basis, types and person, and the requester all bases', async () => {
    const requestId = await pushed(authority)
    const { validUntilMs, returnUrl: back } = await grant(requestId)
    expect(back).toBe(returnUrl)
    expect(validUntilMs).toBe((startSeconds + 30 * 86_400) * 1000)
    const forAsker = await artefactsFor(authority, asker)
    const forOne = await artefactsFor(authority, sourceOne)
    const forTwo = await artefactsFor(authority, sourceTwo)
    expect([forAsker.length, forOne.length, forTwo.length]).toEqual([2, 1, 1])
    expect(forAsker.map(({ position }) => position)).toEqual([1, 2])
    expect(forAsker.every(({ request }) => request === requestId)).toBe(true)
    expect(forOne[0]).toMatchObject({
      iss: assent,
      requester: asker,
      provider: sourceOne,
      purpose: 'agreed',
      evidence_types: ['income'],
      state: 'given',
      acr: 'eidas2',
      auth_time: startSeconds - 60,
      valid_from: startSeconds,
      valid_until: startSeconds + 30 * 86_400,
      position: 1,
      feedPosition: 1,
    })
    expect(forOne[0]).not.toHaveProperty('request')
    expect(forOne[0]?.basis).toBe(forAsker.find(({ provider }) => provider === sourceOne)?.basis)
    expect(forTwo[0]?.basis).not.toBe(forOne[0]?.basis)
    const opened = openSealedSubject(forOne[0]?.sealed_subject ?? '', {
      authority: register,
      audience: sourceOne,
      openingKeys: new OpeningKeys([keysOf(sourceOne).seal]),
      keyOf: authority.federation.current.keyOf('ticket'),
      nowSeconds: startSeconds,
    })
    expect(opened).toMatchObject({ sub: pseudonym('ada', sourceOne), basis: forOne[0]?.basis })
  })

  it('keeps the positions of a party gapless over many consents at once', async () => {
    const requests = await Promise.all(
      Array.from({ length: 12 }, (_, index) => pushed(authority, pushOf(index % 2 ? 'ada' : 'bea'))),
    )
    await Promise.all(requests.map((requestId, index) => grant(requestId, index % 2 ? 'ada' : 'bea')))
    const positions = (await artefactsFor(authority, asker)).map(({ position }) => position)
    expect(positions).toEqual(positions.map((_, index) => index + 1))
    expect(positions).toHaveLength(24)
  })
})
