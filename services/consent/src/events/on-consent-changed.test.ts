import { randomBytes } from 'node:crypto'
import { ConsentChanged, ConsentState, ExchangeMode } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { basisIdFrom, type MemberId } from '@unefois/proto/ids'
import { type ConsentArtefactClaims, consentArtefactType } from '@unefois/proto/statements'
import { signToken } from '@unefois/proto/token'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AgencyFixture, openAgency } from '../agency.fixture.js'
import { ask, callOf, personAt } from '../authority.fixture.js'
import { queued } from '../database.fixture.js'
import { asker, assent, keysOf, pseudonym, sourceOne, startSeconds, stranger } from '../federation.fixture.js'
import { sealedFor } from '../identity.fixture.js'
import { getBasis } from '../rpc/get-basis.js'
import { getConsentOutcome } from '../rpc/get-consent-outcome.js'
import { readArtefact } from '../store/artefacts.js'
import { insertOpenedRequest } from '../store/opened-requests.js'
import { onConsentChanged } from './on-consent-changed.js'

let requester: AgencyFixture
let provider: AgencyFixture
beforeEach(async () => {
  requester = await openAgency('consent_changed_requester', asker)
  provider = await openAgency('consent_changed_provider', sourceOne)
})
afterEach(async () => {
  await requester.postgres.close()
  await provider.postgres.close()
})

const requestId = 'R'.repeat(22)
const basis = basisIdFrom(randomBytes(16))
const artefact = (party: MemberId, over: Partial<ConsentArtefactClaims> = {}): ConsentArtefactClaims => ({
  iss: assent,
  aud: party,
  basis,
  requester: asker,
  provider: sourceOne,
  ...(party === asker && { request: requestId }),
  purpose: 'agreed',
  evidence_types: ['income'],
  state: 'given',
  acr: 'eidas1',
  auth_time: startSeconds,
  iat: startSeconds,
  valid_from: startSeconds,
  valid_until: startSeconds + 86_400,
  position: 1,
  sealed_subject: sealedFor('ada', party, basis),
  ...over,
})

const tell = (
  agency: AgencyFixture,
  claims: ConsentArtefactClaims,
  { key = keysOf(assent).statement, sender = `${assent}/consent-authority`, feedPosition = claims.position } = {},
) => {
  const data = ConsentChanged.encode({
    artefact: signToken(consentArtefactType, claims, key),
    subject: 'ignored',
    feedPosition,
  }).finish()
  const event = { sender, type: 'consent.consent-changed.v1', data, position: 1, occurredAtMs: startSeconds * 1000 }
  return agency.postgres.transaction((tx) => onConsentChanged(agency).apply(event, tx))
}

const basisOf = (agency: AgencyFixture, basisId: string) =>
  ask(getBasis(agency), { basisId }, callOf(agency.clock, { kind: 'neighbour', service: 'documents' }))
const outcome = (person = 'ada') =>
  ask(getConsentOutcome(requester), { requestId }, callOf(requester.clock, personAt(asker, person)))
const opened = () =>
  requester.postgres.transaction((tx) =>
    insertOpenedRequest(tx, {
      requestId,
      subject: pseudonym('ada', asker),
      purpose: 'agreed',
      providers: [sourceOne],
      evidenceTypes: ['income'],
      durationDays: 1,
      openedAtMs: startSeconds * 1000,
      expiresAtMs: (startSeconds + 3600) * 1000,
    }),
  )

describe('consent.consent-changed.v1 at a party', () => {
  it('is heard from the consent authority alone', () => {
    const { isSender } = onConsentChanged(provider)
    expect(isSender({ kind: 'member', member: stranger, service: 'consent-authority' })).toBe(false)
    expect(isSender({ kind: 'member', member: assent, service: 'consent' })).toBe(false)
    expect(isSender({ kind: 'neighbour', service: 'documents' })).toBe(false)
    expect(isSender({ kind: 'member', member: assent, service: 'consent-authority' })).toBe(true)
  })

  it('is refused when signed by another, for another party, or about others', async () => {
    const forged = { key: { ...keysOf(stranger).statement, kid: `${assent}-statement` } }
    await expect(tell(provider, artefact(sourceOne), forged)).rejects.toMatchObject({
      reason: 'TOKEN_SIGNATURE_INVALID',
    })
    const own = artefact(sourceOne, { iss: stranger })
    await expect(tell(provider, own, { key: keysOf(stranger).statement })).rejects.toMatchObject({
      reason: 'TOKEN_KEY_UNKNOWN',
    })
    await expect(tell(provider, artefact(asker))).rejects.toMatchObject({ reason: 'TOKEN_AUDIENCE_WRONG' })
    const others = artefact(sourceOne, { provider: stranger })
    await expect(tell(provider, others)).rejects.toMatchObject({ reason: 'CONSENT_MISMATCH' })
  })

  it('is refused when the position told is not the one signed', async () => {
    await expect(tell(provider, artefact(sourceOne), { feedPosition: 2 })).rejects.toMatchObject({
      reason: 'TOKEN_CLAIMS_INVALID',
    })
  })

  it('is refused when the sealed person is for another party or another basis', async () => {
    const elsewhere = artefact(sourceOne, { sealed_subject: sealedFor('ada', asker, basis) })
    await expect(tell(provider, elsewhere)).rejects.toMatchObject({ reason: 'TICKET_INVALID' })
    const other = basisIdFrom(randomBytes(16))
    const swapped = artefact(sourceOne, { sealed_subject: sealedFor('ada', sourceOne, other) })
    await expect(tell(provider, swapped)).rejects.toMatchObject({ reason: 'TICKET_MISUSED' })
    expect(await queued(provider.postgres)).toEqual([])
  })

  it('goes on to the documents of the provider, with its own pseudonym of the person', async () => {
    await tell(provider, artefact(sourceOne))
    const [event] = await queued(provider.postgres)
    expect(event).toMatchObject({ receiver: 'documents', type: 'consent.consent-changed.v1' })
    const { subject, feedPosition } = ConsentChanged.decode(event?.data ?? Buffer.alloc(0))
    expect({ subject, feedPosition }).toEqual({ subject: pseudonym('ada', sourceOne), feedPosition: 1 })
  })

  it('stays with the consent service of the requester', async () => {
    await tell(requester, artefact(asker))
    expect(await queued(requester.postgres)).toEqual([])
  })

  it('applies a withdrawal also when its sealed person can no longer be opened', async () => {
    await tell(provider, artefact(sourceOne))
    const withdrawn = artefact(sourceOne, { state: 'withdrawn', position: 2, sealed_subject: 'sealed.to.a.lost.key' })
    await tell(provider, withdrawn)
    expect(await readArtefact(provider.postgres, basis)).toMatchObject({
      state: 'withdrawn',
      subject: pseudonym('ada', sourceOne),
    })
    expect(await queued(provider.postgres, 'documents')).toHaveLength(2)
  })

  it('never lets an older artefact replace a newer one', async () => {
    await tell(provider, artefact(sourceOne, { state: 'withdrawn', position: 2 }))
    await tell(provider, artefact(sourceOne))
    expect(await readArtefact(provider.postgres, basis)).toMatchObject({ state: 'withdrawn' })
  })
})

describe('GetBasis', () => {
  it('knows no basis that was never drawn, and not as a provider', async () => {
    await expect(basisOf(requester, basis)).rejects.toMatchObject({ reason: 'NOTICE_REQUIRED' })
    await tell(provider, artefact(sourceOne))
    await expect(basisOf(provider, basis)).rejects.toMatchObject({ reason: 'NOTICE_REQUIRED' })
  })

  it.each(['given', 'withdrawn', 'refused'] as const)('answers the latest artefact when it is %s', async (state) => {
    await tell(requester, artefact(asker))
    const latest = artefact(asker, { state, position: 2 })
    await tell(requester, latest)
    const answer = await basisOf(requester, basis)
    expect(answer).toMatchObject({
      subject: pseudonym('ada', asker),
      provider: sourceOne,
      purpose: 'agreed',
      evidenceTypes: ['income'],
      mode: ExchangeMode.EXCHANGE_MODE_CONSENT,
    })
    expect(answer.statement).toBe(signToken(consentArtefactType, latest, keysOf(assent).statement))
  })
})

describe('GetConsentOutcome', () => {
  it('knows no request of another person, nor one that was never opened', async () => {
    await expect(outcome()).rejects.toMatchObject({ reason: 'CONSENT_REQUEST_UNKNOWN' })
    await opened()
    await expect(outcome('bea')).rejects.toMatchObject({ reason: 'CONSENT_REQUEST_UNKNOWN' })
  })

  it('follows the request from asked to given, withdrawn', async () => {
    await opened()
    expect(await outcome()).toEqual({
      state: ConsentState.CONSENT_STATE_REQUESTED,
      bases: [],
      subject: pseudonym('ada', asker),
      purpose: 'agreed',
    })
    await tell(requester, artefact(asker))
    const bases = [{ provider: sourceOne, basisId: basis }]
    expect(await outcome()).toMatchObject({ state: ConsentState.CONSENT_STATE_GIVEN, bases })
    await tell(requester, artefact(asker, { state: 'withdrawn', position: 2 }))
    expect(await outcome()).toMatchObject({ state: ConsentState.CONSENT_STATE_WITHDRAWN, bases })
  })

  it('says that it was refused, or that nobody answered in time', async () => {
    await opened()
    requester.clock.advance(3_600_000)
    expect(await outcome()).toMatchObject({ state: ConsentState.CONSENT_STATE_EXPIRED, bases: [] })
    requester.clock.advance(-3_600_000)
    await tell(requester, artefact(asker, { state: 'refused', valid_until: startSeconds }))
    expect(await outcome()).toMatchObject({ state: ConsentState.CONSENT_STATE_REFUSED, bases: [] })
  })
})
