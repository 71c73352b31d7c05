import { z } from 'zod'
import { calendarId } from './calendar-schemas.js'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'
import { subjectId } from './schemas.js'
import { waiting } from './waiting-schemas.js'
import { waitingView } from './waiting-views.js'

export const listWaiting = operation({
  id: 'listWaiting',
  method: 'GET',
  path: '/v1/waiting',
  summary: 'Who waits, the longest first; a person’s own only',
  kinds: ['agency'],
  query: listQuery({ subject: subjectId.optional(), serviceType: calendarId.optional() }),
  responses: {
    200: {
      description: 'Those that follow.',
      schema: z.strictObject({ waiting: z.array(waiting), nextPageToken: z.string().nullable() }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'ASSURANCE_TOO_LOW', 'PAGE_TOKEN_MISMATCH'],
  handle: async ({ query, caller, accessToken, deadline }, { neighbours }) => {
    const by = caller()
    const found = await neighbours.waitingList.listWaiting(
      {
        subject: query.subject ?? (by.kind === 'person' ? by.subject : ''),
        serviceTypeId: query.serviceType ?? '',
        ...pageOf(query),
      },
      { deadline, accessToken },
    )
    return { body: { waiting: found.waiting.map(waitingView), nextPageToken: found.nextPageToken || null } }
  },
})
