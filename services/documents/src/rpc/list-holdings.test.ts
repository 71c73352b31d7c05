import { randomUUID } from 'node:crypto'
import { personalAccessPurpose } from '@unefois/proto/federation-list'
import type { Holding } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Correcting,
  declareVersion,
  effectOf,
  exchangeOf,
  fund,
  join,
  openCorrecting,
  town,
  untilCarried,
} from '../corrections.fixture.js'
import { basis, members, person, portalTicket, purposes, startMs, ticket, types } from '../federation.fixture.js'
import { callFrom } from '../member.fixture.js'
import { record } from '../record.fixture.js'
import { type Register, startRegister } from '../register.fixture.js'
import { listHoldings } from './list-holdings.js'
import { reportCorrection } from './report-correction.js'

let provider: Correcting
let requester: Correcting
let register: Register
beforeAll(async () => {
  register = await startRegister()
  provider = await openCorrecting(fund, { sources: { [types.household]: register.source } })
  requester = await openCorrecting(town)
  join(provider, requester)
})
afterAll(async () => {
  await Promise.all([provider.close(), requester.close()])
  await register.stop()
})
beforeEach(() => register.answerWith(async () => ({ answer: { $case: 'absent', value: {} } })))

const ask = (at: Correcting, name: string, pageToken = '', given: Parameters<typeof portalTicket>[0] = {}) => {
  const rpc = listHoldings(at)
  const ticketOf = portalTicket({ aud: at.runtime.member, sub: person(name), ...given })
  const request = { ticket: ticketOf, basisId: basis('own-access'), pageToken, pageSize: 0, evidenceType: '' }
  expect(rpc.request.safeParse(request).error).toBeUndefined()
  return rpc.handle(request, callFrom(members.desk, at.clock))
}
/** Every page. */
const heldAt = async (at: Correcting, name: string): Promise<{ holdings: Holding[]; pages: number }> => {
  const holdings: Holding[] = []
  let pageToken = ''
  let pages = 0
  do {
    const page = await ask(at, name, pageToken)
    holdings.push(...page.holdings)
    pageToken = page.nextPageToken
    pages++
  } while (pageToken !== '')
  return { holdings, pages }
}
const keep = async (name: string, valueJson: string): Promise<string> => {
  const exchangeId = randomUUID()
  const half = { subject: person(name), exchange_id: exchangeId, member: town, counterparty: fund } as const
  await requester.exchangeLog.commit({ record: record({ ...half, kind: 'request', outcome: 'sent' }) })
  const evidence = { valueJson, version: 1, asOfMs: startMs, predicates: [], keepUntilMs: startMs + 1000 }
  await requester.exchangeLog.commit({
    record: record({ ...half, kind: 'receipt' }),
    received: await requester.received.seal(exchangeId, person(name), evidence),
  })
  return exchangeId
}

describe('ListHoldings', () => {
  it.each([
    ['that is none', () => 'no.ticket', 'TICKET_INVALID'],
    ['of another requester', () => portalTicket({ requester: members.stranger }), 'TICKET_MISUSED'],
    [
      'of a person who has not logged in',
      () => ticket({ requester: members.desk, purpose: personalAccessPurpose, basis: basis('own-access') }),
      'ASSURANCE_TOO_LOW',
    ],
  ])('refuses a ticket %s', async (_, made, reason) => {
    const asked = { ticket: made(), basisId: basis('own-access'), pageToken: '', pageSize: 0, evidenceType: '' }
    const answer = listHoldings(provider).handle(asked, callFrom(members.desk, provider.clock))
    await expect(answer).rejects.toMatchObject({ reason })
  })

  it('refuses a page token that is none as it reads the request', () => {
    const { request } = listHoldings(provider)
    const well = { ticket: 't', basisId: basis('own-access'), pageToken: '', pageSize: 0, evidenceType: '' }
    for (const pageToken of ['own.', 'received.1', 'other.income', "received.' OR 1=1"])
      expect(request.safeParse({ ...well, pageToken }).success).toBe(false)
    expect(request.safeParse(well).success).toBe(true)
    expect(request.safeParse({ ...well, pageSize: 51 }).success).toBe(false)
  })

  it('shows nothing of anybody else, and nothing where nothing is held', async () => {
    await declareVersion(provider, 'hers', 1, { amount: 1 })
    await keep('hers', '{}')
    expect((await heldAt(provider, 'his')).holdings).toEqual([])
    expect((await heldAt(requester, 'his')).holdings).toEqual([])
  })

  it('shows what was declared and what the register says now, with the values', async () => {
    await declareVersion(provider, 'ada', 1, { amount: 700 })
    await declareVersion(provider, 'ada', 2, { amount: 800 })
    register.answerWith(async ({ subject }) => ({
      answer:
        subject === person('ada')
          ? { $case: 'found', value: { valueJson: '{"year":2026}', version: 41, asOfMs: startMs, related: [] } }
          : { $case: 'absent', value: {} },
    }))
    const { holdings } = await heldAt(provider, 'ada')
    expect(holdings).toEqual([
      {
        evidenceType: types.household,
        origin: {
          $case: 'register',
          value: { answer: { $case: 'found', value: { version: 41, asOfMs: startMs } } },
        },
        valueJson: '{"year":2026}',
        isValueLeftOut: false,
      },
      {
        evidenceType: types.income,
        origin: { $case: 'declared', value: { version: 2, asOfMs: startMs } },
        valueJson: '{"amount":800}',
        isValueLeftOut: false,
      },
    ])
  })

  it('says of a register that does not answer that it does not, and goes on', async () => {
    await declareVersion(provider, 'patient', 1, { amount: 1 })
    register.answerWith(async () => ({ answer: { $case: 'later', value: { retryAfterMs: 1000 } } }))
    const { holdings } = await heldAt(provider, 'patient')
    expect(holdings.map(({ evidenceType, origin }) => [evidenceType, origin])).toEqual([
      [types.household, { $case: 'register', value: { answer: { $case: 'unreachable', value: {} } } }],
      [types.income, { $case: 'declared', value: { version: 1, asOfMs: startMs } }],
    ])
  })

  it('shows what was received: from whom, what for, until when, and whether it was corrected since', async () => {
    await declareVersion(provider, 'eve', 1, { amount: 1 })
    const wrong = await exchangeOf({ provider, requester, name: 'eve' })
    await declareVersion(provider, 'eve', 2, { amount: 2 })
    const right = await exchangeOf({ provider, requester, name: 'eve', version: 2 })
    await effectOf(provider, reportCorrection(provider), {
      subject: person('eve'),
      evidenceType: types.income,
      versions: { firstVersion: 1, lastVersion: 1, correctedVersion: 2 },
    })
    await untilCarried(provider, town)
    const { holdings } = await heldAt(requester, 'eve-there')
    const received = holdings.map(({ origin, valueJson }) =>
      origin?.$case === 'received' ? { ...origin.value, valueJson } : undefined,
    )
    const about = { provider: fund, purpose: purposes.rate, keepUntilMs: startMs + 3_600_000 }
    expect(received).toHaveLength(2)
    expect(received).toContainEqual(
      expect.objectContaining({ ...about, exchangeId: wrong, isCorrected: true, valueJson: '{"amount":1}' }),
    )
    expect(received).toContainEqual(
      expect.objectContaining({ ...about, exchangeId: right, isCorrected: false, valueJson: '{"amount":2}' }),
    )
  })

  it('shows what was received no longer than it is kept', async () => {
    await keep('kept', '{"amount":1}')
    expect((await heldAt(requester, 'kept')).holdings).toHaveLength(1)
    requester.clock.advance(1000)
    expect((await heldAt(requester, 'kept')).holdings).toEqual([])
    requester.clock.advance(-1000)
  })

  it('goes through more than fits into one message, and leaves out a value that never fits', async () => {
    const ids = new Set<string>()
    for (let n = 0; n < 25; n++) ids.add(await keep('plenty', JSON.stringify({ text: 'x'.repeat(20_000) })))
    ids.add(await keep('plenty', JSON.stringify({ text: 'x'.repeat(100_000) })))
    const { holdings, pages } = await heldAt(requester, 'plenty')
    const seen = holdings.map(({ origin }) => (origin?.$case === 'received' ? origin.value.exchangeId : ''))
    expect(seen).toHaveLength(26)
    expect(new Set(seen)).toEqual(ids)
    expect(pages).toBeGreaterThan(5)
    expect(holdings.filter(({ isValueLeftOut }) => isValueLeftOut)).toMatchObject([{ valueJson: '' }])
  })
})
