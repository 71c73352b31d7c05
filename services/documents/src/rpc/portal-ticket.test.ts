import { randomUUID } from 'node:crypto'
import type { Call } from '@unefois/chassis/rpc'
import { openCheckpoint } from '@unefois/proto/checkpoint'
import { leafHash } from '@unefois/proto/exchange-log'
import { personalAccessPurpose } from '@unefois/proto/federation-list'
import {
  AccessOutcome,
  ExchangeSide,
  type ListAccessesRequest,
  RouteCause,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { registerPublicKey } from '@unefois/proto/keys'
import { verifyInclusion } from '@unefois/proto/merkle-proof'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  basis,
  keyOf,
  members,
  person,
  portalTicket,
  publicOf,
  purposes,
  startMs,
  startSeconds,
  ticket,
  types,
} from '../federation.fixture.js'
import { callFrom, type MemberParts, openMember } from '../member.fixture.js'
import { record } from '../record.fixture.js'
import { getAccessProof } from './get-access-proof.js'
import { listAccesses } from './list-accesses.js'
import { previewEvidence } from './preview-evidence.js'

let provider: MemberParts
beforeAll(async () => {
  provider = await openMember(members.provider)
})
afterAll(() => provider.close())

const add = async (name: string, given: Parameters<typeof record>[0] = {}) => {
  const made = record({ subject: person(name), ...given })
  await provider.exchangeLog.commit({ record: made })
  return made
}

const everything: Omit<ListAccessesRequest, 'ticket' | 'basisId'> = {
  pageSize: 0,
  pageToken: '',
  counterparty: '',
  side: ExchangeSide.EXCHANGE_SIDE_UNSPECIFIED,
  evidenceType: '',
  purpose: '',
  sinceMs: 0,
  untilMs: 0,
  outcome: AccessOutcome.ACCESS_OUTCOME_UNSPECIFIED,
}
const calls = () => {
  const call = callFrom(members.desk, provider.clock)
  const preview = { requester: members.requester, evidenceType: types.income, purpose: purposes.rate }
  return {
    ListAccesses: (given: { ticket: string; basisId: string }, by: Call = call) =>
      listAccesses(provider).handle({ ...everything, ...given }, by),
    GetAccessProof: (given: { ticket: string; basisId: string }, by: Call = call) =>
      getAccessProof(provider).handle({ recordId: randomUUID(), ...given }, by),
    PreviewEvidence: (given: { ticket: string; basisId: string }, by: Call = call) =>
      previewEvidence(provider).handle({ ...preview, ...given }, by),
  }
}
const own = (name: string) => ({ ticket: portalTicket({ sub: person(name) }), basisId: basis('own-access') })
const list = (name: string, given: Partial<ListAccessesRequest> = {}) =>
  listAccesses(provider).handle({ ...everything, ...own(name), ...given }, callFrom(members.desk, provider.clock))

describe.each(['ListAccesses', 'GetAccessProof', 'PreviewEvidence'] as const)('%s', (method) => {
  it('refuses whoever is not a member', async () => {
    const call: Call = { ...callFrom(members.desk, provider.clock), caller: { kind: 'anyone' } }
    await expect(calls()[method](own('ada'), call)).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
  })

  it.each([
    ['that is none', () => 'no.ticket', 'TICKET_INVALID'],
    ['of a person who has not logged in', () => withoutLogin(), 'ASSURANCE_TOO_LOW'],
    ['for an exchange', () => portalTicket({ purpose: purposes.rate }), 'TICKET_MISUSED'],
    ['of another requester', () => portalTicket({ requester: members.requester }), 'TICKET_MISUSED'],
    ['under another basis', () => portalTicket({ basis: basis('other') }), 'TICKET_MISUSED'],
    ['for another provider', () => portalTicket({ aud: members.stranger }), 'TICKET_INVALID'],
    ['that has expired', () => portalTicket({ iat: startSeconds - 600, exp: startSeconds - 60 }), 'TOKEN_EXPIRED'],
  ])('refuses a ticket %s', async (_, given, reason) => {
    const asked = calls()[method]({ ticket: given(), basisId: basis('own-access') })
    await expect(asked).rejects.toMatchObject({ reason })
  })

  it('names the level that is missing', async () => {
    await expect(calls()[method]({ ...own('ada'), ticket: withoutLogin() })).rejects.toMatchObject({
      facts: { required_acr: 'eidas1' },
    })
  })
})

const withoutLogin = () =>
  ticket({ requester: members.desk, purpose: personalAccessPurpose, basis: basis('own-access') })

describe('ListAccesses', () => {
  it('refuses a page token or size that is none of its own', () => {
    const { request } = listAccesses(provider)
    const asked = { ...own('ada'), ...everything }
    expect(request.safeParse(asked).success).toBe(true)
    for (const pageToken of ['0', '-1', '1e3', "1' OR", 'x', '12345678901234567'])
      expect(request.safeParse({ ...asked, pageToken }).success).toBe(false)
    expect(request.safeParse({ ...asked, pageSize: 101 }).success).toBe(false)
  })

  it('shows nothing of another person', async () => {
    await add('hidden')
    expect(await list('nobody')).toEqual({ accesses: [], nextPageToken: '' })
  })

  it('shows each use with who, when, why, what and what became of it', async () => {
    const { record_id, exchange_id } = await add('seen', { predicates: ['low-income'] })
    expect((await list('seen')).accesses).toEqual([
      {
        recordId: record_id,
        side: ExchangeSide.EXCHANGE_SIDE_PROVIDER,
        counterparty: members.requester,
        purpose: purposes.card,
        procedure: 'leisure-card-2027',
        evidenceType: types.income,
        fields: ['amount'],
        predicates: ['low-income'],
        mode: 2,
        outcome: AccessOutcome.ACCESS_OUTCOME_RELEASED,
        reason: '',
        atMs: startMs,
        exchangeId: exchange_id,
      },
    ])
  })

  it('shows a refusal with its reason, and a request without an answer as unconfirmed', async () => {
    await add('told', { kind: 'refusal', outcome: 'refused', reason: 'TICKET_MISUSED', mode: 'none' })
    await add('told', { kind: 'request', outcome: 'sent' })
    const { accesses } = await list('told')
    expect(accesses).toMatchObject([
      { side: ExchangeSide.EXCHANGE_SIDE_REQUESTER, outcome: AccessOutcome.ACCESS_OUTCOME_UNCONFIRMED, reason: '' },
      { outcome: AccessOutcome.ACCESS_OUTCOME_REFUSED, reason: 'TICKET_MISUSED', mode: 0 },
    ])
  })

  it('pages from the newest to the oldest, each once, while new ones arrive', async () => {
    const made: string[] = []
    for (let at = 0; at < 5; at++) made.unshift((await add('pages')).record_id)
    const seen: string[] = []
    let pageToken = ''
    do {
      const page = await list('pages', { pageSize: 2, pageToken })
      seen.push(...page.accesses.map(({ recordId }) => recordId))
      pageToken = page.nextPageToken
      await add('pages')
    } while (pageToken !== '')
    expect(seen).toEqual(made)
  })
})

describe('filters of ListAccesses', () => {
  it('refuses what nothing could match, and a page token of other filters', async () => {
    for (const given of [{ counterparty: 'nobody' }, { evidenceType: 'nonsense' }, { purpose: 'nonsense' }])
      await expect(list('filters', given)).rejects.toMatchObject({ reason: 'FILTER_UNKNOWN' })
    for (let at = 0; at < 2; at++) await add('filters')
    const { nextPageToken } = await list('filters', { pageSize: 1, purpose: purposes.card })
    for (const given of [{}, { purpose: purposes.rate }, { purpose: purposes.card, sinceMs: 1 }])
      await expect(list('filters', { ...given, pageToken: nextPageToken })).rejects.toMatchObject({
        reason: 'PAGE_TOKEN_MISMATCH',
      })
  })

  it('leave out what is not asked for, and find the rest over any number of pages', async () => {
    const sought = { purpose: purposes.rate, counterparty: members.desk, at_ms: startMs + 5 }
    const made: string[] = []
    for (let at = 0; at < 4; at++) {
      made.unshift((await add('sought', sought)).record_id)
      await add('sought')
    }
    const idsOf = async (filters: Partial<ListAccessesRequest>): Promise<string[]> => {
      const seen: string[] = []
      let pageToken = ''
      do {
        const page = await list('sought', { pageSize: 3, pageToken, ...filters })
        seen.push(...page.accesses.map(({ recordId }) => recordId))
        pageToken = page.nextPageToken
      } while (pageToken !== '')
      return seen
    }
    expect(await idsOf({ purpose: purposes.rate })).toEqual(made)
    expect(await idsOf({ counterparty: members.desk })).toEqual(made)
    expect(await idsOf({ sinceMs: startMs + 5, untilMs: startMs + 6 })).toEqual(made)
    expect(await idsOf({ untilMs: startMs })).toEqual([])
    expect(await idsOf({ outcome: AccessOutcome.ACCESS_OUTCOME_RELEASED })).toHaveLength(8)
    expect(await idsOf({ outcome: AccessOutcome.ACCESS_OUTCOME_REFUSED })).toEqual([])
    expect(await idsOf({ side: ExchangeSide.EXCHANGE_SIDE_REQUESTER })).toEqual([])
    expect(await idsOf({ evidenceType: types.household })).toEqual([])
  })
})

describe('GetAccessProof', () => {
  const proofOf = (name: string, recordId: string) =>
    getAccessProof(provider).handle({ ...own(name), recordId }, callFrom(members.desk, provider.clock))

  it('refuses a record of another person as if there were none', async () => {
    const { record_id } = await add('proved')
    for (const asked of [proofOf('eve', record_id), proofOf('proved', randomUUID())])
      await expect(asked).rejects.toMatchObject({ reason: 'EXCHANGE_UNKNOWN' })
  })

  it('proves a record that was only just committed, offline', async () => {
    const made = await add('proved')
    const proof = await proofOf('proved', made.record_id)
    const key = registerPublicKey(publicOf(keyOf(members.provider, 'log')))
    const { size, root } = openCheckpoint(proof.checkpoint, { origin: `fixture/${members.provider}`, key })
    const leaf = leafHash(proof.salt, proof.record)
    expect(verifyInclusion(leaf, proof.leafIndex, size, proof.inclusionProof, root)).toBe(true)
    expect(JSON.parse(Buffer.from(proof.record).toString())).toEqual(made)
  })
})

describe('PreviewEvidence', () => {
  const preview = (name: string, given: Partial<{ requester: string; purpose: string }> = {}) =>
    previewEvidence(provider).handle(
      { requester: members.requester, evidenceType: types.income, purpose: purposes.card, ...own(name), ...given },
      callFrom(members.desk, provider.clock),
    )

  it('refuses a release that nobody is authorised for', async () => {
    await expect(preview('ada', { requester: members.stranger })).rejects.toMatchObject({
      reason: 'PURPOSE_NOT_AUTHORISED',
    })
    await expect(preview('ada', { purpose: 'curiosity' })).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
  })

  it('shows exactly what a release would contain, and records no exchange', async () => {
    await provider.runtime.postgres.transaction((tx) =>
      provider.evidence.declare(
        tx,
        { subject: person('shown'), evidenceType: types.income },
        { value: { amount: 700, year: 2026 }, asOfMs: startMs, related: [], declaredAtMs: startMs, supersedes: 0 },
      ),
    )
    expect((await preview('shown')).outcome).toMatchObject({ value: { valueJson: '{"amount":700}', version: 1 } })
    expect((await list('shown')).accesses).toEqual([])
  })

  it('gives another route when there is nothing to show', async () => {
    expect((await preview('nothing')).outcome).toMatchObject({
      $case: 'otherRoute',
      value: { cause: RouteCause.ROUTE_CAUSE_ABSENT },
    })
  })
})
