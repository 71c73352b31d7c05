import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ClientOptions, createClient } from './client.js'
import type { CachedAnswer } from './etag-cache.js'
import { pages } from './pages.js'
import { dataOf, NoAnswerError, ProblemError, retryAdvice } from './problem.js'

// A server of these tests alone, because a gateway cannot be made to fail on demand; the journeys use the client on real ones.

type Answer = readonly [status: number, body: unknown, headers?: Record<string, string>]
const problem = (reason: string, status: number): Answer => [
  status,
  {
    type: `urn:unefois:reason:${reason}`,
    title: 'No.',
    status,
    detail: '',
    next: 'Wait.',
    reason,
    facts: {},
    traceId: 't',
  },
]

let server: Server
let asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = []
let answers: (Answer | 'hang up')[] = []
const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { method = '', url = '', headers } = request
  asked.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
  const next = answers.length > 1 ? answers.shift() : answers[0]
  if (next === undefined || next === 'hang up') return void response.destroy()
  const [status, body, more] = next
  response.writeHead(status, { 'content-type': 'application/json', ...more })
  response.end(status === 304 ? undefined : JSON.stringify(body))
}
beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  asked = []
  answers = []
  waits.length = 0
})

const waits: number[] = []
const client = (options: Partial<ClientOptions> = {}) =>
  createClient({
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    wait: async (ms) => {
      waits.push(ms)
    },
    chance: () => 1,
    ...options,
  })
const notice = {
  body: { provider: 'fund', evidenceTypes: ['e'], purpose: 'p', textVersion: '1', language: 'fr', channel: 'online' },
} as const
const tell = (by = client()) => by.POST('/v1/notices', notice as never)
const agencies = { agencies: [], nextPageToken: null }

describe('a client', () => {
  it.each([
    ['a refusal', problem('PURPOSE_NOT_AUTHORISED', 403)],
    ['a limit that names no time', problem('CONTEST_LIMIT_REACHED', 429)],
    ['a failure of the other side', problem('INTERNAL', 500)],
    ['a token that has ended', problem('TOKEN_EXPIRED', 401)],
  ])('never sends %s again', async (_, refused) => {
    answers = [refused]
    const { error, response } = await tell()
    expect(error).toMatchObject({ reason: (refused[1] as { reason: string }).reason })
    expect([response.status, asked.length, waits]).toEqual([refused[0], 1, []])
  })

  it('sends again what was not ready or lost, under the same key, with longer and longer waits', async () => {
    answers = ['hang up', problem('UNAVAILABLE', 503), problem('PROVIDER_UNREACHABLE', 503), [201, { basisId: 'b' }]]
    expect(dataOf(await tell())).toEqual({ basisId: 'b' })
    expect(new Set(asked.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    expect(asked[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/)
    expect(new Set(asked.map(({ body }) => body))).toEqual(new Set([JSON.stringify(notice.body)]))
    expect(waits).toEqual([100, 200, 400])
  })

  it('draws another key for another request, and keeps one that is given', async () => {
    answers = [[201, {}]]
    const by = client()
    await tell(by)
    await tell(by)
    await by.POST('/v1/notices', {
      ...notice,
      params: { header: { 'idempotency-key': 'given-by-the-caller' } },
    } as never)
    const keys = asked.map(({ headers }) => headers['idempotency-key'])
    expect(new Set(keys).size).toBe(3)
    expect(keys[2]).toBe('given-by-the-caller')
  })

  it('waits as long as it is told, and not at all when the deadline ends before', async () => {
    answers = [
      [...problem('RATE_LIMITED', 429).slice(0, 2), { 'retry-after': '3' }] as unknown as Answer,
      [200, agencies],
    ]
    expect((await client().GET('/v1/agencies')).data).toEqual(agencies)
    expect(waits).toEqual([3000])
    answers = [[...problem('RATE_LIMITED', 429).slice(0, 2), { 'retry-after': '30' }] as unknown as Answer]
    expect((await client().GET('/v1/agencies')).error).toMatchObject({ reason: 'RATE_LIMITED' })
    expect(waits).toEqual([3000])
  })

  it('gives up after so many times, and says that it got no answer', async () => {
    answers = ['hang up']
    await expect(client({ attempts: 3 }).GET('/v1/agencies')).rejects.toThrow(NoAnswerError)
    expect(asked).toHaveLength(3)
    answers = [[502, 'a proxy of somebody else']]
    const strange = await client({ attempts: 1 }).GET('/v1/agencies')
    expect(() => dataOf(strange as never)).toThrow(NoAnswerError)
  })

  it('ends with its deadline, and with the caller’s', async () => {
    const never = (request: Request): Promise<Response> =>
      new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)))
    await expect(client({ fetch: never, deadlineMs: 20 }).GET('/v1/agencies')).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    const given = client({ fetch: never }).GET('/v1/agencies', { signal: AbortSignal.timeout(20) })
    await expect(given).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('asks for the token each time, and sends none where there is none', async () => {
    answers = [[200, agencies]]
    let drawn = 0
    const by = client({ token: async () => `token-${++drawn}` })
    await by.GET('/v1/agencies')
    await by.GET('/v1/agencies')
    await client({ token: () => '' }).GET('/v1/agencies')
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2', undefined])
    expect(asked[0]?.headers).not.toHaveProperty('idempotency-key')
  })

  it('throws a problem with its reason and what can be done', async () => {
    answers = [problem('PAGE_TOKEN_MISMATCH', 400)]
    const thrown = await client()
      .GET('/v1/agencies')
      .then(dataOf)
      .catch((error) => error)
    expect(thrown).toBeInstanceOf(ProblemError)
    expect(thrown).toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH', status: 400, retry: { kind: 'never' } })
    expect(thrown.message).toContain('Wait.')
  })
})

describe('retry advice', () => {
  it.each([
    [400, '1', { kind: 'never' }],
    [403, null, { kind: 'never' }],
    [500, null, { kind: 'never' }],
    [429, null, { kind: 'never' }],
    [429, '2', { kind: 'after', waitMs: 2000 }],
    [503, null, { kind: 'after', waitMs: undefined }],
    [503, 'Thu, 01 Jan 1970 00:00:05 GMT', { kind: 'after', waitMs: 4000 }],
    [504, 'soon', { kind: 'after', waitMs: undefined }],
  ])('of %s with Retry-After %s', (status, retryAfter, advice) => {
    expect(retryAdvice(status, retryAfter, 1000)).toEqual(advice)
  })
})

describe('a cache', () => {
  const keep = () => new Map<string, CachedAnswer>()

  it('answers what still stands, and is asked each time', async () => {
    answers = [
      [200, agencies, { etag: '"one"', 'cache-control': 'private, no-cache' }],
      [304, ''],
    ]
    const by = client({ cache: keep(), token: () => 'hers' })
    const first = await by.GET('/v1/agencies')
    const second = await by.GET('/v1/agencies')
    expect(second.data).toEqual(first.data)
    expect(second.response.status).toBe(200)
    expect(asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"one"'])
  })

  it('never mixes two people, nor keeps what nobody may keep', async () => {
    const cache = keep()
    answers = [[200, agencies, { etag: '"one"', 'cache-control': 'private, no-cache' }]]
    await client({ cache, token: () => 'hers' }).GET('/v1/agencies')
    await client({ cache, token: () => 'his' }).GET('/v1/agencies')
    expect(asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined])
    expect([...cache.keys()].join()).not.toMatch(/hers|his/)
    cache.clear()
    answers = [[200, agencies, { etag: '"two"', 'cache-control': 'no-store' }]]
    await client({ cache }).GET('/v1/agencies')
    expect(cache.size).toBe(0)
  })
})

describe('pages', () => {
  it('go on to the end with the same filters, over empty pages too', async () => {
    answers = [
      [200, { agencies: [{ id: 'a' }], nextPageToken: 't1' }],
      [200, { agencies: [], nextPageToken: 't2' }],
      [200, { agencies: [{ id: 'b' }], nextPageToken: null }],
    ]
    const seen: string[] = []
    for await (const page of pages(client(), '/v1/agencies', { query: { role: 'agency' } }))
      seen.push(...page.agencies.map(({ id }) => id))
    expect(seen).toEqual(['a', 'b'])
    expect(asked.map(({ url }) => new URL(url, 'http://a').searchParams.get('role'))).toEqual([
      'agency',
      'agency',
      'agency',
    ])
    expect(asked.map(({ url }) => new URL(url, 'http://a').searchParams.get('pageToken'))).toEqual([null, 't1', 't2'])
  })

  it('stop where a list that grows has nothing new', async () => {
    answers = [
      [200, { corrections: [], nextPageToken: '5' }],
      [200, { corrections: [], nextPageToken: '5' }],
    ]
    const seen = []
    for await (const page of pages(client(), '/v1/corrections')) seen.push(page.nextPageToken)
    expect(seen).toEqual(['5', '5'])
  })

  it('follow each member to its end, and throw what is refused', async () => {
    answers = [
      [
        200,
        {
          accesses: [],
          members: [
            { member: 'a', isReached: true, nextPageToken: '9' },
            { member: 'b', isReached: false },
          ],
        },
      ],
      [200, { accesses: [], members: [{ member: 'a', isReached: true, nextPageToken: '4' }] }],
      problem('LOGIN_HANDLE_INVALID', 403),
    ]
    const walk = async (): Promise<void> => {
      for await (const _ of pages(client(), '/v1/me/accesses', { query: { purpose: 'p' } }));
    }
    await expect(walk()).rejects.toMatchObject({ reason: 'LOGIN_HANDLE_INVALID' })
    expect(asked.map(({ url }) => url)).toEqual([
      '/v1/me/accesses?purpose=p',
      '/v1/me/accesses?purpose=p&member=a&pageToken=9',
      '/v1/me/accesses?purpose=p&member=a&pageToken=4',
    ])
  })
})
