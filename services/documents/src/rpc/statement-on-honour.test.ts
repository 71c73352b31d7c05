import { randomUUID } from 'node:crypto'
import type { Call } from '@unefois/chassis/rpc'
import type { RecordStatementOnHonourRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExchangeRecord } from '../domain/exchange-record.js'
import {
  authorisation,
  basis,
  members,
  person,
  portalTicket,
  purposes,
  signedList,
  startMs,
  startSeconds,
  types,
} from '../federation.fixture.js'
import { callFrom, callOf, type MemberParts, openMember } from '../member.fixture.js'
import { record } from '../record.fixture.js'
import { getStatementOnHonour } from './get-statement-on-honour.js'
import { previewEvidence } from './preview-evidence.js'
import { recordStatementOnHonour } from './record-statement-on-honour.js'
import { releaseEvidence } from './release-evidence.js'
import { informed } from './releasing.fixture.js'

let agency: MemberParts
beforeAll(async () => {
  agency = await openMember(members.requester)
  await agency.publish(signedList({ serial: 2, statable: [types.income] }))
})
afterAll(() => agency.close())

const system: Call['caller'] = { kind: 'system', clientId: 'desk', scopes: ['evidence:request'] }
const personCalling = (name: string): Call['caller'] => ({
  kind: 'person',
  clientId: 'pages',
  subject: person(name),
  acr: 'eidas1',
  authTimeSeconds: startSeconds,
  loginHandle: 'a-login',
})

/** An exchange of this member, with its receipt if one came. */
const exchanged = async (
  name: string,
  outcome: ExchangeRecord['outcome'] | undefined,
  given: Partial<ExchangeRecord> = {},
  to: MemberParts = agency,
): Promise<string> => {
  const exchangeId = randomUUID()
  const half = {
    subject: person(name),
    exchange_id: exchangeId,
    member: members.requester,
    counterparty: members.provider,
    purpose: purposes.rate,
    mode: 'information',
    ...given,
  } as const
  await to.exchangeLog.commit({ record: record({ ...half, kind: 'request', outcome: 'sent' }) })
  if (outcome) await to.exchangeLog.commit({ record: record({ ...half, kind: 'receipt', outcome }) })
  return exchangeId
}

const text = 'I state on my honour that this is true. I know the penalties for a false statement.'
const stating = (name: string, exchangeId: string): RecordStatementOnHonourRequest => ({
  subject: person(name),
  exchangeId,
  values: [{ field: 'amount', value: '700' }],
  text,
  textVersion: '2026-11',
  language: 'en',
  channel: 1,
})
const state = (request: RecordStatementOnHonourRequest, caller: Call['caller'] = system, at: MemberParts = agency) =>
  at.runtime.postgres.transaction((tx) => recordStatementOnHonour(at).effect(request, callOf(caller, at.clock), tx))
const read = (statementId: string, caller: Call['caller'] = system, purpose: string = purposes.rate) =>
  getStatementOnHonour(agency).handle({ statementId, purpose }, callOf(caller, agency.clock))

describe('RecordStatementOnHonour', () => {
  it('refuses a person who states something about another', async () => {
    const exchangeId = await exchanged('ada', 'absent')
    await expect(state(stating('ada', exchangeId), personCalling('eve'))).rejects.toMatchObject({
      reason: 'CALLER_NOT_ALLOWED',
    })
  })

  it('refuses what was never asked of a source, and what was asked about another person', async () => {
    const refused = { reason: 'EXCHANGE_UNKNOWN' }
    await expect(state(stating('ada', randomUUID()))).rejects.toMatchObject(refused)
    await expect(state(stating('eve', await exchanged('ada', 'absent')))).rejects.toMatchObject(refused)
  })

  it('refuses what a source has confirmed', async () => {
    const exchangeId = await exchanged('known', 'released')
    await expect(state(stating('known', exchangeId))).rejects.toMatchObject({ reason: 'EVIDENCE_OBTAINED' })
  })

  it('refuses a field that this member is not authorised to know', async () => {
    const request = stating('curious', await exchanged('curious', 'absent'))
    const values = [...request.values, { field: 'address', value: 'Main Street' }]
    await expect(state({ ...request, values })).rejects.toMatchObject({ reason: 'FIELD_NOT_AUTHORISED' })
  })

  it('refuses a type for which the federation names no statement, and a purpose that nobody authorised', async () => {
    const household = await exchanged('type', 'absent', { evidence_type: types.household })
    await expect(state(stating('type', household))).rejects.toMatchObject({ reason: 'REQUEST_INVALID' })
    const other = await exchanged('type', 'absent', { purpose: 'curiosity' })
    await expect(state(stating('type', other))).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
  })

  it.each([
    { text: '' },
    { text: 'too short' },
    { values: [] },
    { language: 'de' },
    { channel: 0 },
    { textVersion: '' },
  ])('refuses a malformed request: %j', (given) => {
    const request = stating('shape', randomUUID())
    expect(recordStatementOnHonour(agency).request.safeParse(request).success).toBe(true)
    expect(recordStatementOnHonour(agency).request.safeParse({ ...request, ...given }).success).toBe(false)
  })

  it.each(['absent', 'stale', 'unreachable', 'ambiguous', 'pending', 'refused', undefined] as const)(
    'keeps it where the source said %s, with the text that the person read, under the retention',
    async (outcome) => {
      const name = `stated-${outcome}`
      const request = stating(name, await exchanged(name, outcome))
      const { statementId, keepUntilMs } = await state(request, personCalling(name))
      expect(keepUntilMs).toBe(startMs + 3_600_000)
      for (const caller of [system, personCalling(name)])
        expect(await read(statementId, caller)).toEqual({
          ...request,
          statementId,
          evidenceType: types.income,
          purpose: purposes.rate,
          statedAtMs: startMs,
          keepUntilMs,
        })
    },
  )

  it('is readable at rest by nobody', async () => {
    const { statementId } = await state(stating('secret', await exchanged('secret', 'absent')))
    const { rows } = await agency.runtime.postgres.query<{ content: Buffer }>(
      'SELECT content FROM statement_on_honour WHERE statement_id = $1',
      [statementId],
    )
    expect(rows[0]?.content.includes('700')).toBe(false)
    await agency.subjectKeys.forget(person('secret'))
    await expect(read(statementId)).rejects.toMatchObject({ reason: 'EXCHANGE_UNKNOWN' })
  })
})

describe('GetStatementOnHonour', () => {
  it('refuses another person, another purpose, and a statement that is none', async () => {
    const { statementId } = await state(stating('hers', await exchanged('hers', 'absent')))
    await expect(read(statementId, personCalling('eve'))).rejects.toMatchObject({ reason: 'EXCHANGE_UNKNOWN' })
    await expect(read(randomUUID())).rejects.toMatchObject({ reason: 'EXCHANGE_UNKNOWN' })
    await expect(read(statementId, system, 'control')).rejects.toMatchObject({ reason: 'PURPOSE_LOCKED' })
  })
})

describe('a statement on honour', () => {
  it('is never released or previewed as evidence that its holder has', async () => {
    const list = [
      authorisation({ iss: members.provider, requester: members.stranger, id: 'asking' }),
      authorisation({ requester: members.requester }),
    ]
    const provider = await openMember(members.provider)
    await provider.publish(
      signedList({
        serial: 2,
        statable: [types.income],
        authorisations: [
          ...list,
          authorisation({ iss: members.requester, requester: members.provider, id: 'the other way' }),
        ],
      }),
    )
    const exchangeId = await exchanged(
      'both',
      'absent',
      { member: members.provider, counterparty: members.requester },
      provider,
    )
    await state(stating('both', exchangeId), system, provider)
    const call = callFrom(members.requester, provider.clock)
    expect((await releaseEvidence(provider).handle(informed('both'), call)).outcome?.$case).toBe('otherRoute')
    const seen = await previewEvidence(provider).handle(
      {
        ticket: portalTicket({ sub: person('both') }),
        basisId: basis('own-access'),
        requester: members.requester,
        evidenceType: types.income,
        purpose: purposes.rate,
      },
      callFrom(members.desk, provider.clock),
    )
    expect(seen.outcome?.$case).toBe('otherRoute')
    await provider.close()
  })

  it('is deleted when its retention ends', async () => {
    const { statementId, keepUntilMs } = await state(stating('ending', await exchanged('ending', 'absent')))
    expect(await agency.statementsOnHonour.deleteEnded(keepUntilMs - 1)).toBe(0)
    agency.clock.advance(keepUntilMs - startMs)
    await expect(read(statementId)).rejects.toMatchObject({ reason: 'EXCHANGE_UNKNOWN' })
    expect(await agency.statementsOnHonour.deleteEnded(keepUntilMs)).toBeGreaterThan(0)
  })
})
