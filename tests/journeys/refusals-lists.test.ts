import { createClient } from '@unefois/client/client'
import type { CachedAnswer } from '@unefois/client/etag-cache'
import { dataOf } from '@unefois/client/problem'
import type { Places } from '@unefois/deploy/sandbox/places'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { fund, idTokenOf, portal, Resident, told, town } from './_resident.js'
import { clientOf } from './_rest.js'

let places: Places
let resident: Resident
let token: string
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  const basisId = await resident.tell()
  for (let asked = 0; asked < 3; asked += 1) await resident.ask(basisId)
  token = await idTokenOf(places, resident.person, portal)
})
afterAll(() => resident.leave())

const asPerson = () => clientOf(places, portal, async () => token)
const list = (query: object) => asPerson().GET('/v1/me/accesses', { params: { query } })

describe('a list, across members', () => {
  it.each([
    ['a purpose that nobody has', { purpose: 'no-such-purpose' }, 'FILTER_UNKNOWN', { field: 'purpose' }],
    ['an agency that is none', { agency: 'nobody' }, 'FILTER_UNKNOWN', { field: 'agency' }],
    ['an outcome that is none', { outcome: 'undone' }, 'REQUEST_INVALID', { field: 'outcome' }],
    ['a page token without its member', { pageToken: '1' }, 'REQUEST_INVALID', { field: 'member' }],
    ['a page token that is none', { member: town, pageToken: '0' }, undefined, undefined],
  ])('refuses %s', async (_, query, reason, facts) => {
    const { data, error } = await list(query)
    if (reason) expect(error).toMatchObject({ reason, facts })
    else expect(data?.members).toMatchObject([{ isReached: false, reason: 'REQUEST_INVALID' }])
  })

  it('refuses the page token of other filters, as the member says that gave it', async () => {
    const { members } = dataOf(await list({ member: town, pageSize: 1, purpose: told }))
    const pageToken = members[0]?.nextPageToken ?? ''
    expect(pageToken).toMatch(/^[0-9]+~/)
    expect((await list({ member: town, pageToken })).error?.reason).toBe('PAGE_TOKEN_MISMATCH')
    expect((await list({ member: fund, pageToken, outcome: 'refused' })).error?.reason).toBe('PAGE_TOKEN_MISMATCH')
    expect((await list({ member: town, pageToken, purpose: told })).data?.accesses.length).toBeGreaterThan(0)
  })

  it('finds the same entries in pages of one as at once, and only those asked for', async () => {
    const whole = await resident.uses()
    const inPages = await resident.uses({ pageSize: 1 })
    expect(inPages.map(({ recordId }) => recordId).sort()).toEqual(whole.map(({ recordId }) => recordId).sort())
    const asked = await resident.uses({
      side: 'requester',
      outcome: 'released',
      agency: fund,
      purpose: told,
      pageSize: 2,
    })
    expect(asked.map(({ member }) => member)).toEqual([town, town, town])
    expect(await resident.uses({ outcome: 'refused' })).toEqual([])
    const until = new Date(Math.min(...whole.map(({ at }) => Date.parse(at)))).toISOString()
    expect(await resident.uses({ until })).toEqual([])
    expect((await resident.uses({ since: until })).length).toBe(whole.length)
  })

  it('costs a cache one question while it still stands, and answers nobody else from it', async () => {
    const cache = new Map<string, CachedAnswer>()
    const statuses: number[] = []
    const cached = (by: string) =>
      createClient({
        origin: places.origin(portal),
        token: () => by,
        cache,
        fetch: async (request) => {
          const response = await fetch(request)
          statuses.push(response.status)
          return response
        },
      })
    const first = dataOf(await cached(token).GET('/v1/me/accesses'))
    expect(dataOf(await cached(token).GET('/v1/me/accesses'))).toEqual(first)
    expect((await cached('').GET('/v1/me/accesses')).error?.reason).toBe('TOKEN_MISSING')
    expect(statuses).toEqual([200, 304, 401])
    await cached(token).GET('/v1/me/holdings')
    expect([...cache.keys()].filter((key) => key.includes('holdings'))).toEqual([])
  })
})
