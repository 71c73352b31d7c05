import { ChangeApplied, ConsentState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { MemberId } from '@unefois/proto/ids'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type AuthorityFixture,
  artefactsFor,
  ask,
  callOf,
  everyConsentOf,
  granted,
  memberCaller,
  openAuthority,
  personAt,
  portalAsk,
  pushed,
} from '../authority.fixture.js'
import { queued } from '../database.fixture.js'
import { onChangeApplied } from '../events/on-change-applied.js'
import { asker, assent, sourceOne, sourceTwo, startSeconds, window } from '../federation.fixture.js'
import { recordLease } from '../store/feeds.js'
import { grantLease } from './grant-lease.js'
import { listConsents } from './list-consents.js'
import { refuseConsent } from './refuse-consent.js'
import { revokeConsent } from './revoke-consent.js'

let authority: AuthorityFixture
beforeEach(async () => {
  authority = await openAuthority('consent_revoke')
})
afterEach(() => authority.postgres.close())

const portal = memberCaller(window, 'gateway')
const revoke = (consentId: string, { person = 'ada', deadlineMs = 50, ticket = portalAsk(person) } = {}) =>
  ask(revokeConsent(authority), { ...ticket, consentId }, callOf(authority.clock, portal, deadlineMs))
const lease = (party: MemberId) =>
  ask(
    grantLease(authority),
    { nonce: Buffer.alloc(16, 1), appliedPosition: 0 },
    callOf(authority.clock, memberCaller(party)),
  )
const confirm = async (party: MemberId, feedPosition: number) => {
  const consumer = onChangeApplied(authority)
  const event = {
    sender: `${party}/consent`,
    type: 'consent.change-applied.v1',
    data: ChangeApplied.encode({ feedPosition }).finish(),
    position: 1,
    occurredAtMs: authority.clock.nowMs(),
  }
  await authority.postgres.transaction((tx) => consumer.apply(event, tx))
  authority.wakes.wake()
}

const everyConsent = (person: string) => ({
  ...portalAsk(person),
  pageSize: 0,
  pageToken: '',
  state: ConsentState.CONSENT_STATE_UNSPECIFIED,
  requester: '',
  purpose: '',
})

describe('RevokeConsent', () => {
  it('refuses a ticket without a login, and one of another requester', async () => {
    const consentId = await granted(authority)
    const noLogin = portalAsk('ada', { hasLogin: false })
    await expect(revoke(consentId, { ticket: noLogin })).rejects.toMatchObject({ reason: 'ASSURANCE_TOO_LOW' })
    const foreign = portalAsk('ada', { requester: asker })
    await expect(revoke(consentId, { ticket: foreign })).rejects.toMatchObject({ reason: 'TICKET_MISUSED' })
  })

  it('knows no consent of another person, nor one that does not exist', async () => {
    const consentId = await granted(authority)
    await expect(revoke(consentId, { person: 'bea' })).rejects.toMatchObject({ reason: 'CONSENT_UNKNOWN' })
    await expect(revoke('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({ reason: 'CONSENT_UNKNOWN' })
  })

  it('refuses what was refused, and what has ended', async () => {
    const requestId = await pushed(authority)
    const person = personAt(assent, 'ada')
    await ask(refuseConsent(authority), { requestId }, callOf(authority.clock, person))
    const [refused] = await everyConsentOf(authority, person.subject)
    await expect(revoke(refused?.consentId ?? '')).rejects.toMatchObject({ reason: 'CONSENT_REFUSED' })
    const consentId = await granted(authority)
    authority.clock.advance(30 * 86_400_000)
    const ticket = portalAsk('ada', { atSeconds: startSeconds + 30 * 86_400 })
    await expect(revoke(consentId, { ticket })).rejects.toMatchObject({ reason: 'CONSENT_EXPIRED' })
  })

  it('is not in force while a provider holds a lease and has not confirmed', async () => {
    const consentId = await granted(authority)
    await lease(sourceOne)
    authority.clock.advance(2000)
    const recordedAtMs = authority.clock.nowMs()
    expect(await revoke(consentId)).toEqual({ recordedAtMs, inForceAtMs: 0 })
    await confirm(sourceOne, 1)
    expect((await revoke(consentId)).inForceAtMs).toBe(0)
  })

  it('is in force at once where no provider holds a lease', async () => {
    const consentId = await granted(authority)
    const nowMs = authority.clock.nowMs()
    expect(await revoke(consentId)).toEqual({ recordedAtMs: nowMs, inForceAtMs: nowMs })
  })

  it('is in force when the lease has ended, and a lease given since does not put it off', async () => {
    const consentId = await granted(authority)
    await lease(sourceOne)
    const endsAtMs = authority.clock.nowMs() + 10_000
    authority.clock.advance(2000)
    const recordedAtMs = authority.clock.nowMs()
    expect((await revoke(consentId)).inForceAtMs).toBe(0)
    expect((await lease(sourceOne)).requiredPosition).toBe(2)
    authority.clock.advance(8000)
    expect(await revoke(consentId)).toEqual({ recordedAtMs, inForceAtMs: endsAtMs })
    await confirm(sourceOne, 2)
    expect(await revoke(consentId)).toEqual({ recordedAtMs, inForceAtMs: endsAtMs })
  })

  it('waits for the confirmations that are under way, and wakes by them', async () => {
    const consentId = await granted(authority)
    await Promise.all([lease(sourceOne), lease(sourceTwo)])
    const answer = revoke(consentId, { deadlineMs: 5000 })
    while ((await queued(authority.postgres)).length < 8) await new Promise(setImmediate)
    authority.clock.advance(5)
    await confirm(sourceOne, 2)
    authority.clock.advance(5)
    await confirm(sourceTwo, 2)
    const { recordedAtMs, inForceAtMs } = await answer
    expect(inForceAtMs - recordedAtMs).toBe(10)
  })

  it('tells each party with the next position, without asking anybody for the person again', async () => {
    const consentId = await granted(authority)
    const sealed = authority.identity.asked.length
    authority.clock.advance(5000)
    await revoke(consentId)
    await revoke(consentId)
    expect(authority.identity.asked).toHaveLength(sealed)
    const forAsker = await artefactsFor(authority, asker)
    expect(forAsker.map(({ state, position }) => `${position} ${state}`)).toEqual([
      '1 given',
      '2 given',
      '3 withdrawn',
      '4 withdrawn',
    ])
    const [given, withdrawn] = await artefactsFor(authority, sourceOne)
    expect(withdrawn).toMatchObject({
      state: 'withdrawn',
      position: 2,
      basis: given?.basis,
      valid_from: given?.valid_from,
      valid_until: given?.valid_until,
      iat: startSeconds + 5,
    })
  })

  it('answers the first times when asked twice at once, and shows them in the list', async () => {
    const consentId = await granted(authority)
    const answers = await Promise.all([revoke(consentId), revoke(consentId), revoke(consentId)])
    expect(new Set(answers.map(({ recordedAtMs }) => recordedAtMs)).size).toBe(1)
    const { consents } = await ask(listConsents(authority), everyConsent('ada'), callOf(authority.clock, portal))
    expect(consents[0]).toMatchObject({
      state: ConsentState.CONSENT_STATE_WITHDRAWN,
      withdrawalRecordedAtMs: answers[0]?.recordedAtMs,
      withdrawalInForceAtMs: answers[0]?.inForceAtMs,
    })
    expect(consents[0]?.events.at(-1)).toMatchObject({ state: ConsentState.CONSENT_STATE_WITHDRAWN, actor: 'person' })
  })

  it('never records a withdrawal between a lease and what that lease demands', async () => {
    const consentId = await granted(authority)
    const base = authority.clock.nowMs()
    const leases = Array.from({ length: 20 }, (_, index) =>
      recordLease(authority.postgres, sourceOne, base + 10_000 + index).then((required) => ({ required, index })),
    )
    await Promise.all([...leases, revoke(consentId)])
    const before = (await Promise.all(leases)).filter(({ required }) => required < 2)
    const { rows } = await authority.postgres.query<{ lease_ends_at_ms: number | null }>(
      'SELECT lease_ends_at_ms FROM withdrawal WHERE provider = $1',
      [sourceOne],
    )
    const longest = before.length > 0 ? Math.max(...before.map(({ index }) => base + 10_000 + index)) : null
    expect(rows[0]?.lease_ends_at_ms).toBe(longest)
  })
})
