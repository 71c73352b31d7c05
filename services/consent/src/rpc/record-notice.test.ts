import { Channel } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { noticeType } from '@unefois/proto/statements'
import { checkToken } from '@unefois/proto/token'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AgencyFixture, effect, openAgency } from '../agency.fixture.js'
import { callOf, memberCaller, personAt } from '../authority.fixture.js'
import { asker, pseudonym, sourceOne, sourceTwo, startSeconds } from '../federation.fixture.js'
import { readNotice } from '../store/notices.js'
import { recordNotice } from './record-notice.js'

let agency: AgencyFixture
beforeAll(async () => {
  agency = await openAgency('consent_notice', asker)
})
afterAll(() => agency.postgres.close())

const system = { kind: 'system', clientId: 'desk', scopes: ['notice:write'] } as const
const notice = {
  subject: pseudonym('ada', asker) as string,
  provider: sourceOne as string,
  purpose: 'told',
  evidenceTypes: ['income'],
  textVersion: 'v1',
  language: 'fr',
  channel: Channel.CHANNEL_COUNTER as Channel,
}
const record = (over: Partial<typeof notice> = {}, caller: Parameters<typeof callOf>[1] = system) =>
  effect(agency.postgres, recordNotice(agency), { ...notice, ...over }, callOf(agency.clock, caller))

describe('RecordNotice', () => {
  it('refuses a person who names somebody else, and any other kind of caller', async () => {
    await expect(record({}, personAt(asker, 'bea'))).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    await expect(record({}, memberCaller(sourceOne))).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
  })

  it('refuses an unknown provider, purpose or evidence type', async () => {
    await expect(record({ provider: 'nobody' })).rejects.toMatchObject({ reason: 'MEMBER_UNKNOWN' })
    await expect(record({ purpose: 'anything' })).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
    await expect(record({ evidenceTypes: ['anything'] })).rejects.toMatchObject({ reason: 'EVIDENCE_TYPE_UNKNOWN' })
  })

  it('refuses where no authorisation in mode information is in force for each evidence type', async () => {
    const refused = { reason: 'PURPOSE_NOT_AUTHORISED' }
    await expect(record({ purpose: 'agreed' })).rejects.toMatchObject(refused)
    await expect(record({ evidenceTypes: ['income', 'family'] })).rejects.toMatchObject(refused)
    await expect(record({ provider: sourceTwo, evidenceTypes: ['housing'] })).rejects.toMatchObject(refused)
  })

  it('refuses a text that is not the version in force', async () => {
    await expect(record({ textVersion: 'v0' })).rejects.toMatchObject({
      reason: 'REQUEST_INVALID',
      facts: { field: 'textVersion' },
    })
  })

  it.each([
    { channel: Channel.CHANNEL_UNSPECIFIED },
    { channel: 9 },
    { language: 'de' },
    { evidenceTypes: [] },
    { evidenceTypes: ['income', 'income'] },
    { subject: 'somebody' },
  ])('refuses a malformed request: %j', (over) => {
    expect(recordNotice(agency).request.safeParse({ ...notice, ...over }).success).toBe(false)
  })

  it('signs and stores what the person was told', async () => {
    const { basisId, toldAtMs } = await record({}, personAt(asker, 'ada'))
    expect(toldAtMs).toBe(startSeconds * 1000)
    const stored = await readNotice(agency.postgres, basisId)
    expect(stored).toMatchObject({ ...notice, channel: 'counter', basisId })
    const claims = checkToken(stored?.statement ?? '', noticeType, {
      audience: sourceOne,
      keyOf: agency.federation.current.keyOf('statement'),
      nowSeconds: startSeconds,
    })
    expect(claims).toEqual({
      iss: asker,
      aud: sourceOne,
      basis: basisId,
      purpose: 'told',
      evidence_types: ['income'],
      text_version: 'v1',
      language: 'fr',
      channel: 'counter',
      iat: startSeconds,
    })
    expect((await record()).basisId).not.toBe(basisId)
  })
})
