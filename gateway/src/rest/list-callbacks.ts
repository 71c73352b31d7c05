import { z } from 'zod'
import { calendarId } from './calendar-schemas.js'
import { instantFilter, listQuery, msOf, pageOf } from './list-query.js'
import { operation } from './operation.js'
import { subjectId } from './schemas.js'
import { callback } from './walk-in-schemas.js'
import { callbackView } from './walk-in-views.js'

export const listCallbacks = operation({
  id: 'listCallbacks',
  method: 'GET',
  path: '/v1/callbacks',
  summary: 'The open callbacks, the soonest due first, or the one of an id; a person’s own only',
  kinds: ['agency'],
  query: listQuery({
    subject: subjectId.optional(),
    practitioner: calendarId.optional(),
    callback: z.uuid().optional(),
    since: instantFilter.meta({ description: 'Of those that have ended only what was due then or later.' }),
  }),
  responses: {
    200: {
      description: 'Those that follow.',
      schema: z.strictObject({ callbacks: z.array(callback), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'ASSURANCE_TOO_LOW', 'PRACTITIONER_UNKNOWN', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query, caller, accessToken, deadline }, { neighbours }) => {
    const by = caller()
    const { callbacks, nextPageToken } = await neighbours.callbacks.listCallbacks(
      {
        subject: query.subject ?? (by.kind === 'person' ? by.subject : ''),
        practitionerId: query.practitioner ?? '',
        callbackId: query.callback ?? '',
        dueFromMs: msOf(query.since) || undefined,
        ...pageOf(query),
      },
      { deadline, accessToken },
    )
    return { body: { callbacks: callbacks.map(callbackView), nextPageToken: nextPageToken || null } }
  },
})
