import { randomUUID } from 'node:crypto'
import type { GrpcCallOptions } from '@unefois/chassis/grpc-client'
import type { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import { Channel } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { RecordStatementOnHonourRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sharedFederation } from './_federation.js'
import { birth, meals, pension, Someone } from './_modes.js'
import { refusalOf, refused } from './_refusals.js'
import { Resident, told } from './_resident.js'

let places: Places
let parent: Someone
let retired: Someone
let silent: Someone
beforeAll(async () => {
  places = await sharedFederation()
  parent = (await Someone.settle(places, birth)).hold(1)
  retired = (await Someone.settle(places, pension)).hold(1)
  silent = (await Someone.settle(places, pension)).hold(1)
})
afterAll(() => {
  for (const each of [parent, retired, silent]) each.leave()
})

const requestEvidence = 'unefois.documents.v1.DocumentsService/RequestEvidence'

describe('an explicit request', () => {
  const rpc = 'unefois.consent.v1.ConsentService/RecordExplicitRequest'
  const asked = () => {
    const { provider, purpose, evidenceType } = birth
    return {
      subject: parent.subject,
      provider,
      purpose,
      evidenceTypes: [evidenceType],
      textVersion: parent.textVersion,
      language: 'fr',
    }
  }

  it('is refused to the agency’s own system: nobody asks in a person’s place', async () => {
    const call = await parent.system.call('notice:write')
    expect(await refusalOf(rpc, () => parent.system.consent.recordExplicitRequest(asked(), call))).toBe(
      'CALLER_NOT_ALLOWED',
    )
  })

  it.each<[string, object, string]>([
    ['about another person', { subject: `p1.1.${'A'.repeat(22)}` }, 'CALLER_NOT_ALLOWED'],
    ['of nobody in the federation', { provider: 'nowhere' }, 'MEMBER_UNKNOWN'],
    ['of a type that nobody provides', { evidenceTypes: ['horoscope'] }, 'EVIDENCE_TYPE_UNKNOWN'],
    ['for a purpose that nobody authorised', { purpose: 'curiosity' }, 'PURPOSE_NOT_AUTHORISED'],
    ['on a text that is not in force', { textVersion: 'v0' }, 'REQUEST_INVALID'],
  ])('%s is refused', async (_, changes, reason) => {
    const call = await parent.ownCall()
    const request = { ...asked(), ...changes }
    expect(await refusalOf(rpc, () => parent.system.consent.recordExplicitRequest(request, call))).toBe(reason)
  })

  it('is refused without the person’s session, without a preview, and after a no', async () => {
    const call = await parent.ownCall()
    const { basisId } = await parent.system.consent.recordExplicitRequest(asked(), call)
    const bySystem = await refused(requestEvidence, () => parent.ask(basisId))
    expect(bySystem).toMatchObject({ reason: 'ASSURANCE_TOO_LOW', facts: { required_acr: 'eidas1' } })
    const ask = async () =>
      refusalOf(requestEvidence, async () =>
        parent.system.documents.requestEvidence(parent.wish(basisId), await parent.ownCall()),
      )
    expect(await ask()).toBe('PREVIEW_REQUIRED')
    const { requester, provider, evidenceType, purpose } = birth
    const of = { requester, provider, evidenceType, purpose, basisId, evidenceVersion: 1 }
    expect((await parent.atPortal('/v1/me/preview-answers', { ...of, answer: 'declined' })).status).toBe(200)
    expect(await ask()).toBe('PREVIEW_DECLINED')
    expect((await parent.atPortal('/v1/me/preview-answers', { ...of, answer: 'confirmed' })).status).toBe(200)
    parent.hold(2)
    expect(await ask()).toBe('PREVIEW_REQUIRED')
    const { accesses } = (await parent.atPortal('/v1/me/accesses')).body as { accesses: { reason: string }[] }
    expect(new Set(accesses.map(({ reason }) => reason))).toEqual(new Set(['PREVIEW_REQUIRED', 'PREVIEW_DECLINED']))
  })
})

const searched = ({ subject }: Someone, changes: object = {}) => {
  const { provider, purpose, evidenceType } = pension
  return { subject, provider, purpose, evidenceTypes: [evidenceType], campaign: 'autumn', ...changes }
}
const letter = ({ subject, textVersion }: Someone, changes: object = {}) => ({
  subject,
  purpose: pension.purpose,
  campaign: 'autumn',
  textVersion,
  language: 'fr',
  channel: Channel.CHANNEL_PAPER as Channel,
  offersOpposition: true,
  ...changes,
})

describe('a proactive search', () => {
  const use = async (someone: Someone, changes: object = {}): Promise<string> => {
    const call = await someone.system.call('notice:write')
    return refusalOf('unefois.consent.v1.ConsentService/RecordProactiveUse', () =>
      someone.system.consent.recordProactiveUse(searched(someone, changes), call),
    )
  }
  const contact = async (someone: Someone, changes: object = {}): Promise<string> => {
    const call = await someone.system.call('notice:write')
    return refusalOf('unefois.consent.v1.ConsentService/RecordContact', () =>
      someone.system.consent.recordContact(letter(someone, changes), call),
    )
  }

  it.each<[string, object, string]>([
    ['for a purpose that nobody authorised', { purpose: 'curiosity' }, 'PURPOSE_NOT_AUTHORISED'],
    ['of nobody in the federation', { provider: 'nowhere' }, 'MEMBER_UNKNOWN'],
    ['without a campaign', { campaign: '' }, 'REQUEST_INVALID'],
  ])('%s is refused', async (_, changes, reason) => {
    expect(await use(retired, changes)).toBe(reason)
  })

  it('is followed by no first contact that does not offer to oppose', async () => {
    expect(await contact(retired, { offersOpposition: false })).toBe('REQUEST_INVALID')
    expect(await contact(retired)).toBe('nothing')
  })

  it('is read for control by nobody, nor for any other purpose than its own', async () => {
    const { consent, documents } = retired.system
    const { basisId } = await consent.recordProactiveUse(searched(retired), await retired.system.call('notice:write'))
    const { exchangeId, outcome } = await retired.ask(basisId)
    expect(outcome?.$case).toBe('evidence')
    const read = async (purpose?: string): Promise<string> => {
      const call = await retired.system.call('evidence:request')
      return refusalOf('unefois.documents.v1.DocumentsService/GetExchange', () =>
        documents.getExchange({ exchangeId, purpose }, call),
      )
    }
    for (const purpose of ['control', 'fraud-control', told, undefined])
      expect(await read(purpose)).toBe('PURPOSE_LOCKED')
    expect(await read(pension.purpose)).toBe('nothing')
  })

  it('is opposed by nobody for another person, and for no purpose that is not searched for', async () => {
    const oppose = (system: AgencySystem, subject: string, call: GrpcCallOptions, purpose: string = pension.purpose) =>
      refusalOf('unefois.documents.v1.DocumentsService/RecordOpposition', () =>
        system.documents.recordOpposition({ subject, purpose }, call),
      )
    expect(await oppose(parent.system, `p1.1.${'A'.repeat(22)}`, await parent.ownCall())).toBe('CALLER_NOT_ALLOWED')
    expect(await oppose(parent.system, parent.subject, await parent.ownCall())).toBe('PURPOSE_NOT_AUTHORISED')
    const call = await silent.system.call('evidence:request')
    expect(await oppose(silent.system, silent.subject, call, told)).toBe('PURPOSE_NOT_AUTHORISED')
  })

  it('ends when the person opposes at the portal: nothing is asked, kept, signed or written to them any more', async () => {
    const { consent, documents } = silent.system
    const { basisId } = await consent.recordProactiveUse(searched(silent), await silent.system.call('notice:write'))
    const { exchangeId } = await silent.ask(basisId)
    const { requester: agency, purpose } = pension
    expect(await silent.atPortal('/v1/me/oppositions', { agency, purpose: told })).toMatchObject({
      status: 403,
      reason: 'PURPOSE_NOT_AUTHORISED',
    })
    expect((await silent.atPortal('/v1/me/oppositions', { agency, purpose })).status).toBe(200)
    expect(await refusalOf(requestEvidence, () => silent.ask(basisId))).toBe('OPPOSITION_STANDS')
    const { evidence } = await documents.getExchange(
      { exchangeId, purpose },
      await silent.system.call('evidence:request'),
    )
    expect(evidence).toBeUndefined()
    // Its consent hears of it by an event.
    await vi.waitFor(async () => expect(await use(silent)).toBe('OPPOSITION_STANDS'), { timeout: 10_000, interval: 50 })
    expect(await contact(silent)).toBe('OPPOSITION_STANDS')
    expect(await use(retired)).toBe('nothing')
  })
})

describe('a statement on honour', () => {
  const rpc = 'unefois.documents.v1.DocumentsService/RecordStatementOnHonour'
  const stating = (subject: string, exchangeId: string): RecordStatementOnHonourRequest => ({
    subject,
    exchangeId,
    values: [{ field: 'quotient_familial.valeur', value: '700' }],
    text: 'Je déclare sur l’honneur que ces informations sont exactes.',
    textVersion: '2026-11',
    language: 'fr',
    channel: Channel.CHANNEL_COUNTER,
  })

  it('is refused where a source has confirmed it, and where no source was asked', async () => {
    const resident = await Resident.settle(places)
    const { documents } = resident.town
    const { exchangeId } = await resident.ask(await resident.tell())
    const state = async (exchange: string): Promise<string> => {
      const call = await resident.town.call('evidence:request')
      return refusalOf(rpc, () => documents.recordStatementOnHonour(stating(resident.subject, exchange), call))
    }
    expect(await state(exchangeId)).toBe('EVIDENCE_OBTAINED')
    expect(await state(randomUUID())).toBe('EXCHANGE_UNKNOWN')
    resident.leave()
  })

  it('is refused with more than is authorised, and to be read for another purpose', async () => {
    const someone = await Someone.settle(places, meals)
    const { consent, documents } = someone.system
    const { basisId } = await consent.recordNotice(
      {
        subject: someone.subject,
        provider: meals.provider,
        purpose: told,
        evidenceTypes: [meals.evidenceType],
        textVersion: someone.textVersion,
        language: 'fr',
        channel: Channel.CHANNEL_COUNTER,
      },
      await someone.system.call('notice:write'),
    )
    const { exchangeId, outcome } = await someone.ask(basisId)
    expect(outcome?.$case).toBe('otherRoute')
    const call = () => someone.system.call('evidence:request')
    const request = stating(someone.subject, exchangeId)
    const more = { ...request, values: [{ field: 'adresse', value: 'somewhere' }] }
    expect(await refusalOf(rpc, async () => documents.recordStatementOnHonour(more, await call()))).toBe(
      'FIELD_NOT_AUTHORISED',
    )
    const { statementId } = await documents.recordStatementOnHonour(request, await call())
    const read = (purpose: string) =>
      refusalOf('unefois.documents.v1.DocumentsService/GetStatementOnHonour', async () =>
        documents.getStatementOnHonour({ statementId, purpose }, await call()),
      )
    expect(await read('control')).toBe('PURPOSE_LOCKED')
    expect(await read(told)).toBe('nothing')
    someone.leave()
  })
})
