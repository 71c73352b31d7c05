import { randomBytes } from 'node:crypto'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { OpenConsentRequestRequest } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { ConsentAuthorityServiceDefinition } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { IdentityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { basisIdFrom } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askConsent, consentWish, Session } from './_consent.js'
import { databaseOf } from './_database.js'
import { sharedFederation } from './_federation.js'
import { HostileMember, HostileNeighbour } from './_raw-callers.js'
import { refusalOf } from './_refusals.js'
import { releaseOf, sendRelease } from './_release.js'
import { agreed, authority, exchangeId, fund, personTokenOf, Resident, stranger, told, town } from './_resident.js'
import { restOf } from './_rest.js'

let places: Places
let resident: Resident
let another: Resident
let session: Session
let others: Session
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  another = await Resident.settle(places)
  session = await Session.open(resident)
  others = await Session.open(another)
})
afterAll(() => {
  for (const each of [session, others]) each.close()
  for (const each of [resident, another]) each.leave()
})

describe('opening a consent request', () => {
  const open = async (changes: Partial<OpenConsentRequestRequest>): Promise<string> => {
    const call = await resident.town.call('consent:request')
    return refusalOf('unefois.consent.v1.ConsentService/OpenConsentRequest', () =>
      resident.town.consent.openConsentRequest(consentWish(resident, changes), call),
    )
  }

  it.each<[string, Partial<OpenConsentRequestRequest>, string]>([
    ['to come back elsewhere', { returnUrl: 'https://elsewhere.example/' }, 'RETURN_URL_NOT_REGISTERED'],
    ['of a provider without an authorisation', { providers: [fund, stranger] }, 'PURPOSE_NOT_AUTHORISED'],
    ['where the law asks for a notice instead', { purpose: told }, 'PURPOSE_NOT_AUTHORISED'],
    ['of nobody in the federation', { providers: ['nowhere'] }, 'MEMBER_UNKNOWN'],
    ['of a type that nobody provides', { evidenceTypes: ['horoscope'] }, 'EVIDENCE_TYPE_UNKNOWN'],
    ['for no time at all', { durationDays: 0 }, 'REQUEST_INVALID'],
    ['for more than a year', { durationDays: 366 }, 'REQUEST_INVALID'],
    ['of no provider', { providers: [] }, 'REQUEST_INVALID'],
  ])('%s is refused', async (_, changes, reason) => {
    expect(await open(changes)).toBe(reason)
  })

  it('about a person whom the town does not know by that name is refused', async () => {
    expect(await open({ subject: resident.atFund })).toBe('SUBJECT_UNKNOWN')
  })

  it('by a person about another is refused, over gRPC and REST', async () => {
    const accessToken = await personTokenOf(places, another.person, town)
    const rpc = 'unefois.consent.v1.ConsentService/OpenConsentRequest'
    const { consent } = resident.town
    const call = { ...others.call, accessToken }
    expect(await refusalOf(rpc, () => consent.openConsentRequest(consentWish(resident), call))).toBe(
      'CALLER_NOT_ALLOWED',
    )
    const answer = await restOf(places, town, {
      path: '/v1/me/consents',
      token: accessToken,
      body: consentWish(resident),
    })
    expect(answer).toMatchObject({ status: 403, reason: 'CALLER_NOT_ALLOWED' })
  })
})

describe('pushing a consent request', () => {
  const rpc = 'unefois.consent.v1.ConsentAuthorityService/PushConsentRequest'

  it('is refused with the ticket of another purpose, basis or requester, a false address, and a used name', async () => {
    const basisId = basisIdFrom(randomBytes(16))
    const neighbour = await HostileNeighbour.connect(places, town, 'consent')
    const hostile = await HostileMember.connect(places, town, 'consent')
    const foreign = await HostileMember.connect(places, stranger, 'consent')
    try {
      const wish = { subject: resident.subject, provider: authority, purpose: agreed, basisId, loginHandle: '' }
      const { ticket } = await neighbour.of(IdentityServiceDefinition).requestTicket(wish, neighbour.call())
      const { subject: _, ...terms } = consentWish(resident)
      const request = { ...terms, ticket, basisId, clientRequestId: randomBytes(8).toString('hex') }
      const push = (changes: object, from = hostile): Promise<string> =>
        refusalOf(rpc, () =>
          from.of(authority, ConsentAuthorityServiceDefinition).pushConsentRequest({ ...request, ...changes }),
        )
      expect(await push({ purpose: told })).toBe('TICKET_MISUSED')
      expect(await push({ basisId: basisIdFrom(randomBytes(16)) })).toBe('TICKET_MISUSED')
      expect(await push({}, foreign)).toBe('TICKET_MISUSED')
      expect(await push({ ticket: 'x' })).toBe('TICKET_INVALID')
      expect(await push({ returnUrl: 'https://elsewhere.example/' })).toBe('RETURN_URL_NOT_REGISTERED')
      expect(await push({ providers: [stranger] })).toBe('PURPOSE_NOT_AUTHORISED')
      expect(await push({})).toBe('nothing')
      expect(await push({ durationDays: 2 })).toBe('IDEMPOTENCY_KEY_REUSED')
    } finally {
      await Promise.all([neighbour.close(), hostile.close(), foreign.close()])
    }
  })
})

describe('a consent request', () => {
  it('is unknown to every session but that of the person who is asked', async () => {
    const requestId = await askConsent(resident)
    const unknown = 'CONSENT_REQUEST_UNKNOWN'
    expect(
      await refusalOf('unefois.consent.v1.ConsentAuthorityService/GetConsentRequest', () =>
        others.authority.getConsentRequest({ requestId }, others.call),
      ),
    ).toBe(unknown)
    expect(
      await refusalOf('unefois.consent.v1.ConsentAuthorityService/GrantConsent', () =>
        others.authority.grantConsent({ requestId, language: 'fr' }, others.call),
      ),
    ).toBe(unknown)
    expect(
      await refusalOf('unefois.consent.v1.ConsentAuthorityService/RefuseConsent', () =>
        others.authority.refuseConsent({ requestId }, others.call),
      ),
    ).toBe(unknown)
    const accessToken = await personTokenOf(places, another.person, town)
    expect(
      await refusalOf('unefois.consent.v1.ConsentService/GetConsentOutcome', () =>
        resident.town.consent.getConsentOutcome({ requestId }, { ...others.call, accessToken }),
      ),
    ).toBe(unknown)
  })

  it('is closed once it was answered', async () => {
    const requestId = await askConsent(resident)
    await session.authority.refuseConsent({ requestId }, session.call)
    expect(
      await refusalOf('unefois.consent.v1.ConsentAuthorityService/GrantConsent', () =>
        session.authority.grantConsent({ requestId, language: 'fr' }, session.call),
      ),
    ).toBe('CONSENT_REQUEST_CLOSED')
    expect(
      await refusalOf('unefois.consent.v1.ConsentAuthorityService/GetConsentRequest', () =>
        session.authority.getConsentRequest({ requestId }, session.call),
      ),
    ).toBe('CONSENT_REQUEST_CLOSED')
  })
})

describe('a consent', () => {
  let sender: HostileMember
  let basisId: string
  let othersBasis: string
  beforeAll(async () => {
    sender = await HostileMember.connect(places, town, 'documents')
    basisId = (await session.grant(await askConsent(resident))).basisId
    othersBasis = (await others.grant(await askConsent(another))).basisId
  })
  afterAll(() => sender.close())

  const onRecord = (reason: string) => [reason, `${fund}: ${town} refused ${reason}`]
  const consented = { purpose: agreed }

  it('of another person is refused by the requester, and by the provider when the requester does not look', async () => {
    const rpc = 'unefois.documents.v1.DocumentsService/RequestEvidence'
    const honest = { ...consented, procedure: agreed }
    expect(await refusalOf(rpc, () => resident.ask(othersBasis, honest))).toBe('CONSENT_MISMATCH')
    expect(await resident.onRecord()).toEqual([])
    const id = exchangeId()
    const stolen = await releaseOf(resident, othersBasis, consented)
    const reason = await sendRelease(sender, { ...stolen, statement: '', exchangeId: id })
    expect([reason, ...(await resident.onRecord(id))]).toEqual(onRecord('CONSENT_MISMATCH'))
    // Whose consent it was sees nothing: nothing was asked about them.
    expect(await another.onRecord()).toEqual([])
  })

  it('that does not exist is refused', async () => {
    const id = exchangeId()
    const notice = await releaseOf(resident, await resident.tell(), consented)
    const reason = await sendRelease(sender, { ...notice, exchangeId: id })
    expect([reason, ...(await resident.onRecord(id))]).toEqual(onRecord('CONSENT_REQUIRED'))
  })

  it('for another requester or purpose is refused', async () => {
    const rpc = 'unefois.documents.v1.DocumentsService/RequestEvidence'
    expect(await refusalOf(rpc, () => resident.ask(basisId))).toBe('NOTICE_MISMATCH')
    const foreign = await HostileMember.connect(places, stranger, 'documents')
    const id = exchangeId()
    const captured = { ...(await releaseOf(resident, basisId, consented)), exchangeId: id }
    expect(await sendRelease(foreign, captured)).toBe('PURPOSE_NOT_AUTHORISED')
    await foreign.close()
    expect(await resident.onRecord(id)).toEqual([`${fund}: ${stranger} refused PURPOSE_NOT_AUTHORISED`])
    // As if both requesters and both purposes were authorised: the provider's copy alone decides.
    const copies = await databaseOf(places, fund, 'documents')
    for (const [column, value] of [
      ['requester', stranger],
      ['purpose', told],
      ['evidence_types', '{horoscope}'],
    ]) {
      await copies.query('BEGIN')
      const { rows } = await copies.query(`SELECT ${column} AS was FROM consent WHERE basis_id = $1`, [basisId])
      await copies.query(`UPDATE consent SET ${column} = $2 WHERE basis_id = $1`, [basisId, value])
      await copies.query('COMMIT')
      const each = exchangeId()
      const reason = await sendRelease(sender, { ...captured, exchangeId: each })
      expect([reason, ...(await resident.onRecord(each))]).toEqual(onRecord('CONSENT_MISMATCH'))
      await copies.query(`UPDATE consent SET ${column} = $2 WHERE basis_id = $1`, [basisId, rows[0].was])
    }
    await copies.end()
  })

  it('that has ended, or has not begun, is refused', async () => {
    const rpc = 'unefois.documents.v1.DocumentsService/RequestEvidence'
    const ask = () => resident.ask(basisId, { ...consented, procedure: agreed })
    expect(await refusalOf(rpc, ask)).toBe('nothing')
    // No process can be told another time: the consent is moved in the provider's copy instead.
    const copies = await databaseOf(places, fund, 'documents')
    const move = (days: number) =>
      copies.query(
        'UPDATE consent SET valid_from_s = valid_from_s + $2, valid_until_s = valid_until_s + $2 WHERE basis_id = $1',
        [basisId, days * 86_400],
      )
    await move(-1)
    expect(await refusalOf(rpc, ask)).toBe('CONSENT_EXPIRED')
    await move(2)
    expect(await refusalOf(rpc, ask)).toBe('CONSENT_REQUIRED')
    await move(-1)
    await copies.end()
    expect((await resident.onRecord()).slice(0, 4)).toEqual([
      `${fund}: ${town} refused CONSENT_REQUIRED`,
      `${town}: ${town} refused CONSENT_REQUIRED`,
      `${fund}: ${town} refused CONSENT_EXPIRED`,
      `${town}: ${town} refused CONSENT_EXPIRED`,
    ])
  })
})
