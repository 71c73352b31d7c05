import { randomUUID } from 'node:crypto'
import type { Call } from '@unefois/chassis/rpc'
import { ConsentState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { type Asking, NeedToAsk } from '@unefois/proto/gen/unefois/documents/v1/re_asks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { members, person, purposes, startMs, startSeconds, types } from '../federation.fixture.js'
import { callOf, type MemberParts, openMember } from '../member.fixture.js'
import { record } from '../record.fixture.js'
import { checkNeed } from './check-need.js'
import { listReAsks } from './list-re-asks.js'
import { recordAsked } from './record-asked.js'

const refusedRequest = {
  state: ConsentState.CONSENT_STATE_REFUSED,
  bases: [],
  subject: person('no'),
  purpose: purposes.card,
}
let agency: MemberParts
beforeAll(async () => {
  agency = await openMember(members.requester, { consent: { getConsentOutcome: async () => refusedRequest } })
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
const asking = (name: string, given: Partial<Asking> = {}): Asking => ({
  subject: person(name),
  purpose: purposes.rate,
  procedure: 'school-meals',
  fields: [{ evidenceType: types.income, field: 'amount' }],
  refusedConsentRequestId: '',
  isOwnWish: false,
  ...given,
})
const check = async (asked: Asking, caller: Call['caller'] = system) =>
  (await checkNeed(agency).handle({ asking: asked }, callOf(caller, agency.clock))).needs
const ask = (asked: Asking) =>
  agency.runtime.postgres.transaction((tx) =>
    recordAsked(agency).effect({ asking: asked }, callOf(system, agency.clock), tx),
  )
const list = (given = {}) =>
  listReAsks(agency).handle(
    { procedure: '', fromDay: '', toDay: '', pageSize: 0, pageToken: '', ...given },
    callOf(system, agency.clock),
  )
const attempted = (name: string, outcome: 'absent' | 'released') => {
  const half = {
    subject: person(name),
    exchange_id: randomUUID(),
    member: members.requester,
    counterparty: members.provider,
    purpose: purposes.rate,
  } as const
  return agency.exchangeLog
    .commit({ record: record({ ...half, kind: 'request', outcome: 'sent' }) })
    .then(() => agency.exchangeLog.commit({ record: record({ ...half, kind: 'receipt', outcome }) }))
}

describe('CheckNeed', () => {
  it('refuses a person who names another, and what the federation does not know', async () => {
    await expect(check(asking('ada'), personCalling('eve'))).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    await expect(check(asking('ada', { purpose: 'curiosity' }))).rejects.toMatchObject({
      reason: 'PURPOSE_NOT_AUTHORISED',
    })
    const fields = [{ evidenceType: 'stars', field: 'amount' }]
    await expect(check(asking('ada', { fields }))).rejects.toMatchObject({ reason: 'EVIDENCE_TYPE_UNKNOWN' })
  })

  it('refuses a consent request of somebody else, or for something else', async () => {
    const refused = { reason: 'CONSENT_REQUEST_UNKNOWN' }
    await expect(check(asking('ada', { purpose: purposes.card, refusedConsentRequestId: 'r' }))).rejects.toMatchObject(
      refused,
    )
    await expect(check(asking('no', { refusedConsentRequestId: 'r' }))).rejects.toMatchObject(refused)
  })

  it.each([
    { fields: [] },
    { fields: [{ evidenceType: types.income, field: '' }] },
    { fields: [{ evidenceType: types.income, field: '__proto__' }] },
    { fields: Array(2).fill({ evidenceType: types.income, field: 'amount' }) },
    { fields: Array(101).fill({ evidenceType: types.income, field: 'amount' }) },
    { subject: 'ada' },
    { procedure: 'School meals' },
  ])('refuses a malformed asking: %j', (given) => {
    const { request } = checkNeed(agency)
    expect(request.safeParse({ asking: asking('ada') }).success).toBe(true)
    expect(request.safeParse({ asking: { ...asking('ada'), ...given } }).success).toBe(false)
    expect(request.safeParse({}).success).toBe(false)
  })

  it('names who holds it, until that one was asked and had nothing', async () => {
    const needless = { need: NeedToAsk.NEED_TO_ASK_NONE, holders: [members.provider] }
    expect(await check(asking('trying'), personCalling('trying'))).toMatchObject([needless])
    await attempted('trying', 'absent')
    expect(await check(asking('trying'))).toMatchObject([
      { need: NeedToAsk.NEED_TO_ASK_NONE_CONFIRMED_IT, holders: [] },
    ])
    await attempted('trying', 'released')
    expect(await check(asking('trying'))).toMatchObject([needless])
  })

  it('says field by field what nobody holds, a predicate included', async () => {
    const fields = ['low-income', 'address', 'amount'].map((field) => ({ evidenceType: types.income, field }))
    expect((await check(asking('fields', { fields }))).map(({ need }) => need)).toEqual([
      NeedToAsk.NEED_TO_ASK_NONE,
      NeedToAsk.NEED_TO_ASK_NOBODY_HOLDS_IT,
      NeedToAsk.NEED_TO_ASK_NONE,
    ])
  })

  it('knows what the person decided', async () => {
    expect(await check(asking('no', { purpose: purposes.card, refusedConsentRequestId: 'r' }))).toMatchObject([
      { need: NeedToAsk.NEED_TO_ASK_CONSENT_REFUSED },
    ])
    expect(await check(asking('wish', { isOwnWish: true }))).toMatchObject([{ need: NeedToAsk.NEED_TO_ASK_OWN_WISH }])
  })

  it('knows what was declared into this very member, whatever is wished', async () => {
    await agency.runtime.postgres.transaction((tx) =>
      agency.evidence.declare(
        tx,
        { subject: person('own'), evidenceType: types.income },
        { value: { amount: 1 }, related: [], asOfMs: startMs, declaredAtMs: startMs, supersedes: 0 },
      ),
    )
    const fields = [{ evidenceType: types.income, field: 'address' }]
    expect(await check(asking('own', { fields, isOwnWish: true }))).toMatchObject([
      { need: NeedToAsk.NEED_TO_ASK_NONE, holders: [members.requester] },
    ])
  })
})

describe('RecordAsked', () => {
  it('counts by procedure and field, and keeps of nobody that they were asked', async () => {
    const procedure = 'careless-form'
    const fields = ['amount', 'address'].map((field) => ({ evidenceType: types.income, field }))
    await ask(asking('one', { procedure, fields }))
    await Promise.all(['two', 'three'].map((name) => ask(asking(name, { procedure, isOwnWish: name === 'two' }))))
    const { counts } = await list({ procedure })
    expect(counts).toEqual([
      { purpose: purposes.rate, procedure, field: fields[0], asked: 3, needlessly: 2, byOwnWish: 1 },
      { purpose: purposes.rate, procedure, field: fields[1], asked: 1, needlessly: 0, byOwnWish: 0 },
    ])
    const { rows } = await agency.runtime.postgres.query('SELECT * FROM asked_field')
    expect(JSON.stringify(rows)).not.toContain('p1.')
  })
})

describe('ListReAsks', () => {
  it.each([
    { fromDay: '2026-02-30' },
    { fromDay: '2027-01-02', toDay: '2027-01-01' },
    { pageSize: 201 },
    { pageToken: '-1' },
  ])('refuses a malformed request: %j', (given) => {
    const whole = { procedure: '', fromDay: '', toDay: '', pageSize: 0, pageToken: '', ...given }
    expect(listReAsks(agency).request.safeParse(whole).success).toBe(false)
  })

  it('pages through the needless first, within the days asked for', async () => {
    for (const procedure of ['aa', 'bb', 'cc']) await ask(asking('paged', { procedure, isOwnWish: procedure === 'aa' }))
    const seen: string[] = []
    let pageToken = ''
    do {
      const page = await list({ pageSize: 1, pageToken })
      seen.push(...page.counts.map(({ procedure }) => procedure))
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    expect(seen.filter((each) => each.length === 2)).toEqual(['bb', 'cc', 'aa'])
    expect((await list({ fromDay: '2020-01-01', toDay: '2020-12-31' })).counts).toEqual([])
  })

  it('forgets days long past', async () => {
    await agency.askedFields.deleteBefore('2999-01-01')
    expect((await list()).counts).toEqual([])
  })
})
