import { type Served, served } from '@unefois/chassis/service'
import { ReAskServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/re_asks'
import type { CountingNeeds } from './re-asks.js'
import { checkNeed } from './rpc/check-need.js'
import { listReAsks } from './rpc/list-re-asks.js'
import { recordAsked } from './rpc/record-asked.js'
import { dayOf } from './store/predicate-uses.js'

/** Counts are kept for so long, so that two years can be compared. */
const keptDays = 800
const dayMs = 24 * 3600 * 1000

/** The contract of the re-ask meter. */
export const reAskService = (needs: CountingNeeds): Served =>
  served(ReAskServiceDefinition, {
    checkNeed: checkNeed(needs),
    recordAsked: recordAsked(needs),
    listReAsks: listReAsks(needs),
  })

/** Forgets counts of days long past. */
export const forgetOldCounts = ({ runtime, askedFields }: CountingNeeds): Promise<void> =>
  askedFields.deleteBefore(dayOf(runtime.clock.nowMs() - keptDays * dayMs))
