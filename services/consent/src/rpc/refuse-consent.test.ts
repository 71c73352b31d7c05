import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type AuthorityFixture,
  artefactsFor,
  ask,
  callOf,
  openAuthority,
  personAt,
  pushed,
} from '../authority.fixture.js'
import { queued } from '../database.fixture.js'
import { asker, assent, returnUrl } from '../federation.fixture.js'
import { grantConsent } from './grant-consent.js'
import { refuseConsent } from './refuse-consent.js'

let authority: AuthorityFixture
beforeEach(async () => {
  authority = await openAuthority('consent_refuse')
})
afterEach(() => authority.postgres.close())

const refuse = (requestId: string, person = 'ada') =>
  ask(refuseConsent(authority), { requestId }, callOf(authority.clock, personAt(assent, person)))

describe('RefuseConsent', () => {
  it('refuses another person', async () => {
    const requestId = await pushed(authority)
    await expect(refuse(requestId, 'bea')).rejects.toMatchObject({ reason: 'CONSENT_REQUEST_UNKNOWN' })
  })

  it('refuses a request that was granted or has expired', async () => {
    const given = await pushed(authority)
    const call = callOf(authority.clock, personAt(assent, 'ada'))
    await ask(grantConsent(authority), { requestId: given, language: 'en' }, call)
    await expect(refuse(given)).rejects.toMatchObject({ reason: 'CONSENT_REQUEST_CLOSED' })
    const late = await pushed(authority)
    authority.clock.advance(3_600_000)
    await expect(refuse(late)).rejects.toMatchObject({ reason: 'CONSENT_REQUEST_CLOSED' })
  })

  it('tells the requester alone, once', async () => {
    const requestId = await pushed(authority)
    expect(await refuse(requestId)).toEqual({ returnUrl })
    expect(await refuse(requestId)).toEqual({ returnUrl })
    expect((await queued(authority.postgres)).map(({ receiver }) => receiver)).toEqual([
      `${asker}/consent`,
      `${asker}/consent`,
    ])
    const told = await artefactsFor(authority, asker)
    expect(told.map(({ state, request, position }) => ({ state, request, position }))).toEqual([
      { state: 'refused', request: requestId, position: 1 },
      { state: 'refused', request: requestId, position: 2 },
    ])
    expect(told.every(({ valid_from, valid_until }) => valid_from === valid_until)).toBe(true)
  })
})
