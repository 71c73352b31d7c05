import type { Caller } from '@unefois/chassis/caller'
import type { Queryable } from '@unefois/chassis/postgres'
import type { PlainRpc } from '@unefois/chassis/rpc'
import {
  IdentityChange,
  type ListIdentityEventsRequest,
  type ListIdentityEventsResponse,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { z } from 'zod'
import { protectionTypes } from '../domain/identity-event.js'
import { pageSizeField, pageSizeOf } from '../question-page.js'
import { eventsAfter } from '../store/identity-events.js'

interface Needs {
  readonly postgres: Queryable
}

/** That somebody is protected is itself a danger to them: software hears of it that may protect people, and no other. */
const hiddenFrom = (caller: Caller): readonly string[] =>
  caller.kind === 'system' && !caller.scopes.includes('people:protect') ? protectionTypes : []

/** Lists what the identity authority told this agency, from a position that its systems keep. */
export const listIdentityEvents = ({
  postgres,
}: Needs): PlainRpc<ListIdentityEventsRequest, ListIdentityEventsResponse> => ({
  request: z.object({
    pageSize: pageSizeField,
    pageToken: z.string().regex(/^([1-9][0-9]{0,14})?$/, 'not a page token'),
  }),
  handle: async ({ pageSize, pageToken }, { caller }) => {
    const found = await eventsAfter(postgres, Number(pageToken), pageSizeOf(pageSize), hiddenFrom(caller))
    const events = found.map(({ type, data, occurredAtMs }) => ({
      type,
      occurredAtMs,
      change: IdentityChange.decode(data),
    }))
    return { events, nextPageToken: String(found.at(-1)?.position ?? pageToken) }
  },
})
