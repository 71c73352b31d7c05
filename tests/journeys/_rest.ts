import { randomUUID } from 'node:crypto'
import type { Places } from '@unefois/deploy/sandbox/places'

export interface RestAnswer {
  readonly status: number
  readonly headers: Headers
  /** The reason of the problem; `nothing` when the request was not refused. */
  readonly reason: string
  readonly body: Readonly<Record<string, unknown>>
}

/** Asks a member's REST door as anybody could; a body that is not text is sent as JSON. */
export const restOf = async (
  places: Places,
  member: string,
  {
    method = 'POST',
    path,
    token,
    body,
    headers = {},
  }: {
    readonly method?: string
    readonly path: string
    readonly token?: string | undefined
    readonly body?: unknown
    readonly headers?: Readonly<Record<string, string>>
  },
): Promise<RestAnswer> => {
  const response = await fetch(`${places.origin(member)}${path}`, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(method === 'POST' && { 'idempotency-key': randomUUID() }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const answer = JSON.parse(await response.text()) as Record<string, unknown>
  const reason = typeof answer.reason === 'string' && response.status >= 400 ? answer.reason : 'nothing'
  return { status: response.status, headers: response.headers, reason, body: answer }
}
