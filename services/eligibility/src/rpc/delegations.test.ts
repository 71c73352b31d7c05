import { type Delegation, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { generateKeyPair } from '@unefois/proto/keys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAgency, procedureSource, ruleSource, system } from '../agency.fixture.js'
import { Delegations } from '../store/delegations.js'
import { endDelegation } from './end-delegation.js'
import { listDelegations } from './list-delegations.js'
import { publishProcedure } from './publish-procedure.js'
import { publishRelease } from './publish-release.js'
import { registerDelegation } from './register-delegation.js'

let agency: Awaited<ReturnType<typeof openAgency>>
let needs: Awaited<ReturnType<typeof openAgency>> & { readonly delegations: Delegations }
beforeAll(async () => {
  agency = await openAgency()
  needs = { ...agency, delegations: new Delegations(agency.postgres) }
  await publishRelease(agency).handle({ source: ruleSource(), replaces: '' }, system())
  await publishProcedure(agency).handle({ source: procedureSource() }, system())
})
afterAll(() => agency.close())

const pairOf = (kid: string) => generateKeyPair('sign', kid)
const keyOf = (kid: string): string => JSON.stringify(pairOf(kid).publicJwk)
const given = (change: Partial<Delegation> = {}): Delegation => ({
  delegationId: '',
  agent: { agentId: 'g1', firstName: 'Ada', lastName: 'Agent', capacity: 'Head of office', isUnnamed: false },
  jwkJson: keyOf('any'),
  procedures: ['grant'],
  outcomes: [Outcome.OUTCOME_REFUSED],
  fromDay: '2026-01-01',
  toDay: '2026-12-31',
  legalReference: 'Order of 1 January 2026, published the same day',
  endedAtMs: 0,
  ...change,
})
const register = async (delegation: Delegation) => {
  const answer = await agency.postgres.transaction((tx) =>
    registerDelegation(needs).effect({ delegation }, system(), tx),
  )
  return answer.delegation as Delegation
}
const end = (delegationId: string) =>
  agency.postgres.transaction((tx) => endDelegation(needs).effect({ delegationId }, system(), tx))
const list = (asked: { day?: string; pageSize?: number; pageToken?: string } = {}) =>
  listDelegations(needs).handle({ day: '', pageSize: 0, pageToken: '', ...asked }, system())
const invalid = (field: string) =>
  expect.objectContaining({ reason: 'DELEGATION_INVALID', facts: { field, what: expect.stringMatching(/\w/) } })

describe('RegisterDelegation', () => {
  const { publicJwk, privateJwk } = pairOf('a')
  it.each<[string, string, object]>([
    ['a private part', 'jwkJson', { jwkJson: JSON.stringify(privateJwk) }],
    ['a key to be sealed to', 'jwkJson', { jwkJson: JSON.stringify(generateKeyPair('seal', 'a').publicJwk) }],
    ['a point that signs for anybody', 'jwkJson', { jwkJson: JSON.stringify({ ...publicJwk, x: 'A'.repeat(43) }) }],
    ['a key for another algorithm', 'jwkJson', { jwkJson: JSON.stringify({ ...publicJwk, alg: 'ES256' }) }],
    ['a name twice', 'jwkJson', { jwkJson: `{"kty":"OKP","kty":"OKP","crv":"Ed25519","x":"${publicJwk.x}"}` }],
    ['no JSON', 'jwkJson', { jwkJson: 'key' }],
    ['a procedure that is none', 'procedures', { procedures: ['grant', 'stars'] }],
    ['no outcome', 'outcomes', { outcomes: [] }],
    ['days that are over', 'toDay', { toDay: '2026-11-21' }],
    ['more than six years', 'toDay', { toDay: '2032-01-01' }],
    ['no text', 'legalReference', { legalReference: '' }],
  ])('refuses %s', async (_what, field, change) => {
    await expect(register(given(change))).rejects.toEqual(invalid(field))
  })

  it('refuses an id or an end that somebody made up, and a day that is none', () => {
    const { request } = registerDelegation(needs)
    const reads = (change: object) => request.safeParse({ delegation: given(change) }).success
    expect(reads({})).toBe(true)
    expect(reads({ delegationId: 'd1' })).toBe(false)
    expect(reads({ endedAtMs: 1 })).toBe(false)
    expect(reads({ fromDay: '2026-02-30' })).toBe(false)
    expect(request.safeParse({}).success).toBe(false)
  })

  it("keeps a key for one agent, however it is written, and lets the agent's next delegation have it", async () => {
    const { x, kty, crv } = pairOf('b').publicJwk
    const mine = await register(given({ jwkJson: JSON.stringify({ x, crv, kty }) }))
    const again = await register(given({ jwkJson: JSON.stringify({ kid: 'else', kty, crv, x, note: 'n' }) }))
    expect(again.jwkJson).toBe(mine.jwkJson)
    expect(JSON.parse(mine.jwkJson)).toEqual({ kty, crv, x, alg: 'EdDSA', use: 'sig', kid: expect.any(String) })
    const agent = { agentId: 'g2', firstName: 'Bob', lastName: 'Agent', capacity: 'Head of office', isUnnamed: false }
    await expect(register(given({ agent, jwkJson: mine.jwkJson }))).rejects.toEqual(invalid('jwkJson'))
  })

  it('gives a key to one of two agents who come at once', async () => {
    const jwkJson = keyOf('c')
    const came = await Promise.allSettled(
      ['g3', 'g4'].map((agentId) => {
        const agent = { agentId, firstName: 'Ada', lastName: 'Agent', capacity: 'Head of office', isUnnamed: false }
        return register(given({ agent, jwkJson }))
      }),
    )
    expect(came.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })
})

describe('EndDelegation', () => {
  it('knows none that was never registered', async () => {
    await expect(end('0198c0de-0000-4000-8000-000000000001')).rejects.toMatchObject({ reason: 'DELEGATION_UNKNOWN' })
  })

  it('ends one now, once, and the others go on', async () => {
    const [one, other] = [await register(given()), await register(given())]
    const ended = await end(one.delegationId)
    expect(ended.delegation).toEqual({ ...one, endedAtMs: agency.runtime.clock.nowMs() })
    expect(await end(one.delegationId)).toEqual(ended)
    expect((await list()).delegations).toContainEqual(other)
  })
})

describe('ListDelegations', () => {
  it('refuses a page token of another day', async () => {
    const { nextPageToken } = await list({ day: '2026-11-22', pageSize: 1 })
    await expect(list({ pageToken: nextPageToken })).rejects.toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
    await expect(list({ pageToken: 'x' })).rejects.toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
  })

  it('answers those in force on a day, in pages as at once', async () => {
    const [today, short, late] = [
      await register(given()),
      await register(given({ toDay: '2026-11-23' })),
      await register(given({ fromDay: '2026-12-01' })),
    ]
    await end(today.delegationId)
    const ids = async (day: string) => (await list({ day })).delegations.map(({ delegationId }) => delegationId)
    expect(await ids('2026-11-21')).toEqual(expect.arrayContaining([today.delegationId, short.delegationId]))
    expect(await ids('2026-11-22')).not.toContain(today.delegationId)
    expect(await ids('2026-11-23')).toContain(short.delegationId)
    expect(await ids('2026-11-24')).not.toContain(short.delegationId)
    expect(await ids('2026-12-01')).toContain(late.delegationId)
    const { delegations } = await list()
    const paged: Delegation[] = []
    for (let pageToken = ''; ; ) {
      const page = await list({ pageSize: 2, pageToken })
      paged.push(...page.delegations)
      pageToken = page.nextPageToken
      if (pageToken === '') break
    }
    expect(paged).toEqual(delegations)
  })
})
