import { createClient, type UnefoisClient } from '@unefois/client/client'
import type { Places } from '@unefois/deploy/sandbox/places'

/** The client of an editor at a member's REST door, as whom the token stands for. */
export const clientOf = (places: Places, member: string, token: () => Promise<string | undefined>): UnefoisClient =>
  createClient({ origin: places.origin(member), token })

export interface RestAnswer {
  readonly status: number
  readonly headers: Headers
  /** The reason of the problem; `nothing` when the request was not refused. */
  readonly reason: string
  readonly body: Readonly<Record<string, unknown>>
}

type Untyped = (
  method: string,
  path: string,
  init: object,
) => Promise<{ data?: unknown; error?: unknown; response: Response }>

/** Asks a member's REST door anything, once, also what its contract does not have; a body that is text is sent as it is. */
export const restOf = async (
  places: Places,
  member: string,
  {
    method = 'POST',
    path,
    token = '',
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
  const client = createClient({ origin: places.origin(member), token: () => token, attempts: 1 })
  const request = client.request as unknown as Untyped
  const { data, error, response } = await request(method.toLowerCase(), path, {
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && {
      body,
      bodySerializer: (sent: unknown) => (typeof sent === 'string' ? sent : JSON.stringify(sent)),
    }),
  })
  const answer = (data ?? error ?? {}) as Record<string, unknown>
  const reason = typeof answer.reason === 'string' && response.status >= 400 ? answer.reason : 'nothing'
  return { status: response.status, headers: response.headers, reason, body: answer }
}
