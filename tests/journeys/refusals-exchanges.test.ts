import { randomBytes, randomUUID } from 'node:crypto'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { RecordNoticeRequest } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { RequestEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { basisIdFrom } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { compactOf, keyAt, kidAt, nowSeconds } from './_forgeries.js'
import { HostileMember } from './_raw-callers.js'
import { refusalOf, refused } from './_refusals.js'
import { releaseOf, sendRelease } from './_release.js'
import { agreed, evidenceType, exchangeId, fund, personTokenOf, Resident, stranger, told, town } from './_resident.js'

let places: Places
let resident: Resident
let another: Resident
let basisId: string
let sender: HostileMember
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  another = await Resident.settle(places)
  basisId = await resident.tell()
  sender = await HostileMember.connect(places, town, 'documents')
})
afterAll(async () => {
  resident.leave()
  another.leave()
  await sender.close()
})

const ask = (changes: Partial<RequestEvidenceRequest>): Promise<string> =>
  refusalOf('unefois.documents.v1.DocumentsService/RequestEvidence', () => resident.ask(basisId, changes))

describe('a request for evidence, at the requester’s own door', () => {
  it.each<[string, Partial<RequestEvidenceRequest>, string]>([
    ['for a purpose that nobody authorised', { purpose: 'curiosity' }, 'PURPOSE_NOT_AUTHORISED'],
    ['from a provider that authorised nothing', { provider: stranger }, 'PURPOSE_NOT_AUTHORISED'],
    ['from nobody in the federation', { provider: 'nowhere' }, 'MEMBER_UNKNOWN'],
    ['for a type that nobody provides', { evidenceType: 'horoscope' }, 'EVIDENCE_TYPE_UNKNOWN'],
    ['for a field that is not authorised', { fields: ['adresse'] }, 'FIELD_NOT_AUTHORISED'],
    ['for everything above an authorised field', { fields: ['quotient_familial'] }, 'FIELD_NOT_AUTHORISED'],
    [
      'for a predicate that is not authorised',
      { predicates: [{ predicate: 'is-rich', argumentSubject: '' }] },
      'FIELD_NOT_AUTHORISED',
    ],
    [
      'for a predicate without its second person',
      { predicates: [{ predicate: 'child-is-dependant', argumentSubject: '' }] },
      'FIELD_NOT_AUTHORISED',
    ],
    ['on a notice that was never recorded', { basisId: basisIdFrom(randomBytes(16)) }, 'NOTICE_REQUIRED'],
    ['on a notice of another purpose', { purpose: agreed }, 'CONSENT_MISMATCH'],
    ['about nobody', { subject: '' }, 'REQUEST_INVALID'],
  ])('%s is refused', async (_, changes, reason) => {
    expect(await ask(changes)).toBe(reason)
  })

  it('about another person than the notice is refused', async () => {
    expect(await ask({ subject: another.subject })).toBe('NOTICE_MISMATCH')
  })

  it('by a person about another is refused', async () => {
    const accessToken = await personTokenOf(places, another.person, town)
    const { documents } = resident.town
    const call = { accessToken, deadlineMs: 5000, idempotencyKey: randomUUID() }
    const request = resident.wish(basisId)
    const rpc = 'unefois.documents.v1.DocumentsService/RequestEvidence'
    expect(await refusalOf(rpc, () => documents.requestEvidence(request, call))).toBe('CALLER_NOT_ALLOWED')
  })

  it('has left nothing on anybody’s record, because nothing was asked of anybody', async () => {
    expect(await resident.onRecord()).toEqual([])
    expect(await another.onRecord()).toEqual([])
  })
})

describe('a request for evidence, at the provider', () => {
  const present = async (changes: Parameters<typeof sendRelease>[1]): Promise<readonly string[]> => {
    const id = exchangeId()
    const reason = await sendRelease(sender, { ...changes, exchangeId: id })
    return [reason, ...(await resident.onRecord(id))]
  }
  const onRecord = (reason: string) => [reason, `${fund}: ${town} refused ${reason}`]

  it('is refused for a purpose and for fields that are not authorised, whatever the requester let through', async () => {
    const honest = await releaseOf(resident, basisId)
    expect(await present({ ...honest, purpose: 'curiosity' })).toEqual(onRecord('PURPOSE_NOT_AUTHORISED'))
    expect(await present({ ...honest, fields: ['adresse'] })).toEqual(onRecord('FIELD_NOT_AUTHORISED'))
    const predicates = [{ predicate: 'is-rich', argumentTicket: '' }]
    expect(await present({ ...honest, predicates })).toEqual(onRecord('FIELD_NOT_AUTHORISED'))
  })

  it('is refused without the notice, with a forged one, and with one of another exchange', async () => {
    const honest = await releaseOf(resident, basisId)
    expect(await present({ ...honest, statement: '' })).toEqual(onRecord('NOTICE_REQUIRED'))
    const other = await releaseOf(resident, await resident.tell())
    expect(await present({ ...honest, statement: other.statement })).toEqual(onRecord('NOTICE_MISMATCH'))
    const path = places.keys(stranger).statement.path
    const header = { alg: 'EdDSA', kid: kidAt(path), typ: 'notice+jws' }
    const claims = {
      iss: stranger,
      aud: fund,
      basis: basisId,
      purpose: told,
      evidence_types: [evidenceType],
      text_version: '1',
      language: 'fr',
      channel: 'paper',
      iat: nowSeconds(),
    }
    for (const iss of [stranger, town]) {
      const statement = compactOf(header, { ...claims, iss }, keyAt(path))
      expect(await present({ ...honest, statement })).toEqual(onRecord('NOTICE_MISMATCH'))
    }
  })
})

describe('a notice', () => {
  const rpc = 'unefois.consent.v1.ConsentService/RecordNotice'
  const record = async (changes: Partial<RecordNoticeRequest>) => {
    const call = await resident.town.call('notice:write')
    return refused(rpc, () => resident.town.consent.recordNotice(resident.notice(changes), call))
  }

  it.each<[string, Partial<RecordNoticeRequest>, string, string]>([
    ['with a text that is no longer in force', { textVersion: '2020-01-01' }, 'REQUEST_INVALID', 'textVersion'],
    ['by a channel that is not said', { channel: 0 }, 'REQUEST_INVALID', 'channel'],
    ['by a channel that does not exist', { channel: 99 as never }, 'REQUEST_INVALID', 'channel'],
    ['in no language', { language: '' }, 'REQUEST_INVALID', 'language'],
  ])('%s is refused, and the field is named', async (_, changes, reason, field) => {
    expect(await record(changes)).toMatchObject({ reason, facts: { field } })
  })

  it.each<[string, Partial<RecordNoticeRequest>, string]>([
    ['where the law asks for consent', { purpose: agreed }, 'PURPOSE_NOT_AUTHORISED'],
    ['for a purpose that nobody authorised', { purpose: 'curiosity' }, 'PURPOSE_NOT_AUTHORISED'],
    ['of a provider that authorised nothing', { provider: stranger }, 'PURPOSE_NOT_AUTHORISED'],
    ['of nobody in the federation', { provider: 'nowhere' }, 'MEMBER_UNKNOWN'],
    ['of a type that nobody provides', { evidenceTypes: ['horoscope'] }, 'EVIDENCE_TYPE_UNKNOWN'],
  ])('%s is refused', async (_, changes, reason) => {
    expect(await record(changes)).toMatchObject({ reason })
  })

  it('by a person about another is refused', async () => {
    const accessToken = await personTokenOf(places, another.person, town)
    const call = { accessToken, deadlineMs: 5000, idempotencyKey: randomUUID() }
    const { consent } = resident.town
    expect(await refusalOf(rpc, () => consent.recordNotice(resident.notice(), call))).toBe('CALLER_NOT_ALLOWED')
  })
})

describe('the record of an exchange', () => {
  it('is shown to no other person than its own, and is none without the exchange', async () => {
    const { exchangeId: id } = await resident.ask(basisId)
    const accessToken = await personTokenOf(places, another.person, town)
    const { documents } = resident.town
    const read = (exchange: string) =>
      refusalOf('unefois.documents.v1.DocumentsService/GetExchange', () =>
        documents.getExchange({ exchangeId: exchange }, { accessToken, deadlineMs: 5000 }),
      )
    expect(await read(id)).toBe('EXCHANGE_UNKNOWN')
    expect(await read(randomUUID())).toBe('EXCHANGE_UNKNOWN')
    expect(await read('1')).toBe('REQUEST_INVALID')
  })
})
