/** An answer as it was last given, with the validator that asks whether it still stands. */
export interface CachedAnswer {
  readonly etag: string
  readonly mediaType: string
  readonly body: string
}

/** Where answers are kept between calls: a Map will do, and so will anything that outlives the process. */
export interface EtagCache {
  get(key: string): CachedAnswer | undefined | Promise<CachedAnswer | undefined>
  set(key: string, answer: CachedAnswer): unknown
}

/** Whose answer, to what: a hash of the authorisation, so that two people never share one, whatever the cache. */
const keyOf = async (request: Request): Promise<string> => {
  const whose = new TextEncoder().encode(request.headers.get('authorization') ?? '')
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', whose))
  const hex = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex} ${request.url}`
}

const answerOf = (cached: CachedAnswer, response: Response): Response => {
  const headers = new Headers(response.headers)
  headers.set('content-type', cached.mediaType)
  return new Response(cached.body, { status: 200, headers })
}

/** Sends a GET with what the cache knows of it; an answer that still stands comes out of the cache. */
export const throughCache = async (
  cache: EtagCache,
  request: Request,
  send: (request: Request) => Promise<Response>,
): Promise<Response> => {
  if (request.method !== 'GET') return send(request)
  const key = await keyOf(request)
  const cached = await cache.get(key)
  if (cached) request.headers.set('if-none-match', cached.etag)
  const response = await send(request)
  if (response.status === 304 && cached) return answerOf(cached, response)
  const etag = response.headers.get('etag')
  const mayKeep = !(response.headers.get('cache-control') ?? '').includes('no-store')
  if (response.status !== 200 || etag === null || !mayKeep) return response
  const body = await response.clone().text()
  await cache.set(key, { etag, mediaType: response.headers.get('content-type') ?? '', body })
  return response
}
