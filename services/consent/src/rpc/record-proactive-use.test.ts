import { ExchangeMode } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { UseOpposed } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { explicitRequestType, noticeType, proactiveUseType } from '@unefois/proto/statements'
import { checkToken } from '@unefois/proto/token'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AgencyFixture, effect, openAgency } from '../agency.fixture.js'
import { ask, callOf } from '../authority.fixture.js'
import { onUseOpposed } from '../events/on-use-opposed.js'
import { asker, federationOf, pseudonym, sourceOne, startSeconds, usualAuthorisations } from '../federation.fixture.js'
import { deleteEndedOppositions } from '../store/oppositions.js'
import { getBasis } from './get-basis.js'
import { recordContact } from './record-contact.js'
import { recordProactiveUse } from './record-proactive-use.js'

let agency: AgencyFixture
beforeAll(async () => {
  agency = await openAgency('consent_proactive', asker)
})
afterAll(() => agency.postgres.close())

const system = { kind: 'system', clientId: 'desk', scopes: ['notice:write'] } as const
const found = {
  subject: pseudonym('ada', asker) as string,
  provider: sourceOne as string,
  purpose: 'found',
  evidenceTypes: ['income'],
  campaign: 'autumn',
}
const record = (over: Partial<typeof found> = {}) =>
  effect(agency.postgres, recordProactiveUse(agency), { ...found, ...over }, callOf(agency.clock, system))
const letter = {
  subject: found.subject,
  purpose: 'found',
  campaign: 'autumn',
  textVersion: 'v1',
  language: 'fr',
  channel: 4 as const,
  offersOpposition: true,
}
const contact = (over: Partial<typeof letter> = {}) =>
  effect(agency.postgres, recordContact(agency), { ...letter, ...over }, callOf(agency.clock, system))
const keptUntilMs = (startSeconds + 3600) * 1000
const opposed = (name: string, purpose = 'found') =>
  agency.postgres.transaction((tx) =>
    onUseOpposed(agency).apply(
      {
        sender: 'documents',
        type: 'documents.use-opposed.v1',
        data: UseOpposed.encode({ subject: pseudonym(name, asker), purpose, keptUntilMs }).finish(),
        position: 1,
        occurredAtMs: startSeconds * 1000,
      },
      tx,
    ),
  )

describe('documents.use-opposed.v1', () => {
  it('is heard from this member’s own documents alone', () => {
    const { isSender } = onUseOpposed(agency)
    expect(isSender({ kind: 'neighbour', service: 'gateway' })).toBe(false)
    expect(isSender({ kind: 'member', member: sourceOne, service: 'documents' })).toBe(false)
    expect(isSender({ kind: 'neighbour', service: 'documents' })).toBe(true)
  })
})

describe('RecordProactiveUse', () => {
  it('refuses an unknown provider, purpose or evidence type', async () => {
    await expect(record({ provider: 'nobody' })).rejects.toMatchObject({ reason: 'MEMBER_UNKNOWN' })
    await expect(record({ purpose: 'anything' })).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
    await expect(record({ evidenceTypes: ['anything'] })).rejects.toMatchObject({ reason: 'EVIDENCE_TYPE_UNKNOWN' })
  })

  it.each([['told'], ['agreed'], ['wanted']])(
    'refuses where the authorisation is in another mode: %s',
    async (purpose) => {
      await expect(record({ purpose })).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
    },
  )

  it('refuses where the federation uses the purpose for anything but to inform or attribute', async () => {
    const usual = agency.federation.current
    const elsewhere = [
      ...usualAuthorisations,
      { provider: sourceOne, evidenceType: 'family', purpose: 'told', mode: 'proactive' as const },
    ]
    agency.federation.current = federationOf({ authorisations: elsewhere })
    await expect(record({ purpose: 'told', evidenceTypes: ['family'] })).rejects.toMatchObject({
      reason: 'PURPOSE_NOT_AUTHORISED',
    })
    agency.federation.current = usual
  })

  it('refuses for a person who has opposed, for that purpose and no longer than the marker is kept', async () => {
    const subject = pseudonym('opposed', asker)
    await opposed('opposed')
    await expect(record({ subject })).rejects.toMatchObject({ reason: 'OPPOSITION_STANDS' })
    expect((await record()).basisId).toMatch(/^b1\./)
    await opposed('elsewhere', 'agreed')
    expect((await record({ subject: pseudonym('elsewhere', asker) })).basisId).toMatch(/^b1\./)
  })

  it.each([{ campaign: 'Any campaign' }, { evidenceTypes: [] }, { subject: 'somebody' }])(
    'refuses a malformed request: %j',
    (over) => {
      expect(recordProactiveUse(agency).request.safeParse({ ...found, ...over }).success).toBe(false)
    },
  )

  it('signs what is searched for, as nothing else can be read', async () => {
    const { basisId, recordedAtMs } = await record()
    expect(recordedAtMs).toBe(startSeconds * 1000)
    const neighbour = callOf(agency.clock, { kind: 'neighbour', service: 'documents' })
    const { statement, mode } = await ask(getBasis(agency), { basisId }, neighbour)
    expect(mode).toBe(ExchangeMode.EXCHANGE_MODE_PROACTIVE)
    const expected = {
      audience: sourceOne,
      keyOf: agency.federation.current.keyOf('statement'),
      nowSeconds: startSeconds,
    }
    for (const type of [noticeType, explicitRequestType])
      expect(() => checkToken<unknown>(statement, type, expected)).toThrowError(
        expect.objectContaining({ reason: 'TOKEN_TYPE_WRONG' }),
      )
    expect(checkToken(statement, proactiveUseType, expected)).toEqual({
      iss: asker,
      aud: sourceOne,
      basis: basisId,
      mode: 'proactive',
      purpose: 'found',
      evidence_types: ['income'],
      campaign: 'autumn',
      iat: startSeconds,
    })
  })
})

describe('RecordContact', () => {
  const subject = pseudonym('contacted', asker)

  it('refuses a person who has opposed: they are not contacted by this route', async () => {
    await opposed('silent')
    await expect(contact({ subject: pseudonym('silent', asker) })).rejects.toMatchObject({
      reason: 'OPPOSITION_STANDS',
    })
  })

  it('refuses a first contact that does not offer to oppose', async () => {
    const refused = { reason: 'REQUEST_INVALID', facts: { field: 'offersOpposition' } }
    await expect(contact({ subject, offersOpposition: false })).rejects.toMatchObject(refused)
  })

  it('refuses a purpose for which this member searches nothing, and a text that is not in force', async () => {
    for (const purpose of ['told', 'agreed', 'wanted', 'anything'])
      await expect(contact({ purpose })).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
    await expect(contact({ textVersion: 'v0' })).rejects.toMatchObject({ facts: { field: 'textVersion' } })
  })

  it.each([{ channel: 0 }, { channel: 9 }, { language: 'de' }, { campaign: '' }])(
    'refuses a malformed request: %j',
    (over) => {
      expect(recordContact(agency).request.safeParse({ ...letter, ...over }).success).toBe(false)
    },
  )

  it('says whether it is the first, and where the person opposes', async () => {
    const oppositionAddress = 'https://window.example'
    expect(await contact({ subject })).toMatchObject({ isFirst: true, oppositionAddress })
    expect(await contact({ subject, offersOpposition: false })).toMatchObject({ isFirst: false })
  })
})

describe('the marker of an opposition', () => {
  it('is deleted at its end, and not before', async () => {
    await opposed('ending')
    expect(await deleteEndedOppositions(agency.postgres, keptUntilMs - 1)).toBe(0)
    expect(await deleteEndedOppositions(agency.postgres, keptUntilMs)).toBeGreaterThan(0)
    expect((await record({ subject: pseudonym('ending', asker) })).basisId).toMatch(/^b1\./)
  })
})
