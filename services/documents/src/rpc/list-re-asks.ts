import type { PlainRpc } from '@unefois/chassis/rpc'
import type { ListReAsksRequest, ListReAsksResponse } from '@unefois/proto/gen/unefois/documents/v1/re_asks'
import { z } from 'zod'
import type { CountingNeeds } from '../re-asks.js'
import { dayOf } from '../store/predicate-uses.js'
import { procedure } from './fields.js'
import { pageSizeOf } from './pages.js'

type Needs = Pick<CountingNeeds, 'runtime' | 'askedFields'>

const dayMs = 24 * 3600 * 1000
const usualDays = 30
const day = z.union([z.iso.date(), z.literal('')])

/** The first day shown when none is named: so many days, today (UTC) the last of them. */
const usualFrom = (nowMs: number): string => dayOf(nowMs - (usualDays - 1) * dayMs)

export const listReAsks = ({ runtime, askedFields }: Needs): PlainRpc<ListReAsksRequest, ListReAsksResponse> => ({
  request: z
    .object({
      procedure: z.union([procedure, z.literal('')]),
      fromDay: day,
      toDay: day,
      pageSize: z.number().int().min(0).max(200),
      pageToken: z.string().regex(/^([1-9][0-9]{0,8})?$/, 'not a page token of this list'),
    })
    .refine(({ fromDay, toDay }) => fromDay === '' || toDay === '' || fromDay <= toDay, {
      path: ['toDay'],
      message: 'lies before from_day',
    }),
  handle: async (request) => {
    const nowMs = runtime.clock.nowMs()
    const limit = pageSizeOf(request.pageSize)
    const offset = Number(request.pageToken)
    const filter = {
      procedure: request.procedure || undefined,
      fromDay: request.fromDay || usualFrom(nowMs),
      toDay: request.toDay || dayOf(nowMs),
    }
    const counts = await askedFields.list(filter, offset, limit)
    return {
      counts: counts.map(({ evidenceType, field, ...count }) => ({ ...count, field: { evidenceType, field } })),
      nextPageToken: counts.length < limit ? '' : String(offset + limit),
    }
  },
})
