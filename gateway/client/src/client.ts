import createFetchClient, { type Client } from 'openapi-fetch'
import type { Paths } from '#openapi'
import { type EtagCache, throughCache } from './etag-cache.js'
import { type Retrying, sendRetrying } from './retrying.js'

/** How a gateway is reached, and as whom. */
export interface ClientOptions extends Partial<Retrying> {
  /** Such as `https://api.example`; every gateway has the same operations. */
  readonly origin: string
  /** Asked before each request; answers an access token, or nothing for none. */
  readonly token?: () => string | undefined | Promise<string | undefined>
  /** For one call with all its retries, 10,000 unless said; a `signal` given to the call may end it earlier. */
  readonly deadlineMs?: number
  readonly cache?: EtagCache
  readonly fetch?: (request: Request) => Promise<Response>
}

/** The REST door, typed by its contract: `client.GET('/v1/agencies', …)` answers `{ data }` or `{ error }`, a problem. */
export type UnefoisClient = Client<Paths>

const usualDeadlineMs = 10_000
const usualAttempts = 4

const waitFor = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end)
      resolve()
    }, ms)
    signal.addEventListener('abort', end, { once: true })
  })

const isEffect = ({ method }: Request): boolean => method !== 'GET' && method !== 'HEAD'

/** A client of one gateway. It draws the Idempotency-Key of a request once and keeps it over its retries. */
export const createClient = (options: ClientOptions): UnefoisClient => {
  const { origin, token, cache, deadlineMs = usualDeadlineMs, fetch: send = (request) => fetch(request) } = options
  const { attempts = usualAttempts, wait = waitFor, nowMs = Date.now, chance = Math.random } = options

  const sendOften = async (request: Request): Promise<Response> => {
    const endsAtMs = nowMs() + deadlineMs
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(deadlineMs)])
    const { method, headers, url } = request
    const body = request.body === null ? null : await request.arrayBuffer()
    const once = (): Promise<Response> => send(new Request(url, { method, headers, body, signal }))
    return sendRetrying(once, signal, endsAtMs, { attempts, wait, nowMs, chance })
  }

  return createFetchClient<Paths>({
    baseUrl: origin,
    fetch: async (request) => {
      const bearer = request.headers.has('authorization') ? '' : ((await token?.()) ?? '')
      if (bearer !== '') request.headers.set('authorization', `Bearer ${bearer}`)
      if (isEffect(request) && !request.headers.has('idempotency-key'))
        request.headers.set('idempotency-key', crypto.randomUUID())
      return cache ? throughCache(cache, request, sendOften) : sendOften(request)
    },
  })
}
