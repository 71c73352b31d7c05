import { ExchangeMode } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { explicitRequestType, noticeType } from '@unefois/proto/statements'
import { checkToken } from '@unefois/proto/token'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AgencyFixture, effect, openAgency } from '../agency.fixture.js'
import { ask, callOf, memberCaller, personAt } from '../authority.fixture.js'
import { asker, pseudonym, sourceOne, sourceTwo, startSeconds } from '../federation.fixture.js'
import { getBasis } from './get-basis.js'
import { recordExplicitRequest } from './record-explicit-request.js'

let agency: AgencyFixture
beforeAll(async () => {
  agency = await openAgency('consent_explicit_request', asker)
})
afterAll(() => agency.postgres.close())

const wanted = {
  subject: pseudonym('ada', asker) as string,
  provider: sourceOne as string,
  purpose: 'wanted',
  evidenceTypes: ['income'],
  textVersion: 'v1',
  language: 'fr',
}
const record = (over: Partial<typeof wanted> = {}, caller: Parameters<typeof callOf>[1] = personAt(asker, 'ada')) =>
  effect(agency.postgres, recordExplicitRequest(agency), { ...wanted, ...over }, callOf(agency.clock, caller))
const expected = () => ({
  audience: sourceOne,
  keyOf: agency.federation.current.keyOf('statement'),
  nowSeconds: startSeconds,
})

describe('RecordExplicitRequest', () => {
  it('refuses whoever is not the person: a request is never made in somebody’s place', async () => {
    const refused = { reason: 'CALLER_NOT_ALLOWED' }
    await expect(record({}, personAt(asker, 'bea'))).rejects.toMatchObject(refused)
    await expect(record({}, memberCaller(sourceOne))).rejects.toMatchObject(refused)
    const system = { kind: 'system', clientId: 'desk', scopes: ['notice:write'] } as const
    await expect(record({}, system)).rejects.toMatchObject(refused)
  })

  it('refuses an unknown provider, purpose or evidence type', async () => {
    await expect(record({ provider: 'nobody' })).rejects.toMatchObject({ reason: 'MEMBER_UNKNOWN' })
    await expect(record({ purpose: 'anything' })).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
    await expect(record({ evidenceTypes: ['anything'] })).rejects.toMatchObject({ reason: 'EVIDENCE_TYPE_UNKNOWN' })
  })

  it.each([['told'], ['agreed'], ['found']])(
    'refuses where the authorisation is in another mode: %s',
    async (purpose) => {
      await expect(record({ purpose })).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
    },
  )

  it('refuses where one of several has no authorisation', async () => {
    const refused = { reason: 'PURPOSE_NOT_AUTHORISED' }
    await expect(record({ evidenceTypes: ['income', 'family'] })).rejects.toMatchObject(refused)
    await expect(record({ provider: sourceTwo, evidenceTypes: ['housing'] })).rejects.toMatchObject(refused)
  })

  it('refuses a text that is not the version in force', async () => {
    const refused = { reason: 'REQUEST_INVALID', facts: { field: 'textVersion' } }
    await expect(record({ textVersion: 'v0' })).rejects.toMatchObject(refused)
  })

  it.each([
    { language: 'de' },
    { evidenceTypes: [] },
    { evidenceTypes: ['income', 'income'] },
    { subject: 'somebody' },
  ])('refuses a malformed request: %j', (over) => {
    expect(recordExplicitRequest(agency).request.safeParse({ ...wanted, ...over }).success).toBe(false)
  })

  it('signs what the person asked for, as nothing else can be read', async () => {
    const { basisId, askedAtMs } = await record()
    expect(askedAtMs).toBe(startSeconds * 1000)
    const neighbour = callOf(agency.clock, { kind: 'neighbour', service: 'documents' })
    const found = await ask(getBasis(agency), { basisId }, neighbour)
    const { statement, ...basis } = found
    expect(basis).toEqual({
      subject: wanted.subject,
      provider: sourceOne,
      purpose: 'wanted',
      evidenceTypes: ['income'],
      mode: ExchangeMode.EXCHANGE_MODE_EXPLICIT_REQUEST,
    })
    expect(() => checkToken(statement, noticeType, expected())).toThrowError(
      expect.objectContaining({ reason: 'TOKEN_TYPE_WRONG' }),
    )
    expect(checkToken(statement, explicitRequestType, expected())).toEqual({
      iss: asker,
      aud: sourceOne,
      basis: basisId,
      mode: 'explicit-request',
      purpose: 'wanted',
      evidence_types: ['income'],
      text_version: 'v1',
      language: 'fr',
      iat: startSeconds,
    })
    expect((await record()).basisId).not.toBe(basisId)
  })
})
