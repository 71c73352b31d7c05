import { z } from 'zod'
import { askedField } from './asked-fields.js'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'
import { name } from './schemas.js'

const count = z.number().int()
const day = z.iso.date().optional().meta({ description: 'A day (UTC), included; left out, the last 30 days.' })

export const listReAsks = operation({
  id: 'listReAsks',
  method: 'GET',
  path: '/v1/re-asks',
  summary: 'How often each procedure asked people for a field, and how often needlessly, those first',
  kinds: ['agency'],
  query: listQuery({ procedure: name.optional(), fromDay: day, toDay: day }, 200),
  responses: {
    200: {
      description: 'Counts by procedure and field; of whom is not kept.',
      schema: z.strictObject({
        reAsks: z.array(
          z.strictObject({
            purpose: z.string(),
            procedure: z.string(),
            ...askedField.shape,
            asked: count,
            needlessly: count.meta({ description: 'A member in reach held it lawfully.' }),
            byOwnWish: count.meta({ description: 'The person preferred to give it, as the procedure says.' }),
          }),
        ),
        nextPageToken: z.string().nullable(),
      }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED'],
  handle: async ({ query, deadline, accessToken }, { neighbours }) => {
    const { procedure = '', fromDay = '', toDay = '' } = query
    const { counts, nextPageToken } = await neighbours.reAsks.listReAsks(
      { procedure, fromDay, toDay, ...pageOf(query) },
      { deadline, accessToken },
    )
    const reAsks = counts.map(({ field, ...rest }) => ({ ...rest, evidenceType: '', field: '', ...field }))
    return { body: { reAsks, nextPageToken: nextPageToken || null } }
  },
})
