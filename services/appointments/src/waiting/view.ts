import type { Queryable } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import { type Waiting, WaitingState } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { isWhereWithheld } from '../appointment/view.js'
import { withoutHome } from '../domain/appointment-view.js'
import type { KeptWaiting } from '../domain/waiting.js'
import type { WaitingNeeds } from './needs.js'

const states = {
  waiting: WaitingState.WAITING_STATE_WAITING,
  offered: WaitingState.WAITING_STATE_OFFERED,
  booked: WaitingState.WAITING_STATE_BOOKED,
  left: WaitingState.WAITING_STATE_LEFT,
  ended: WaitingState.WAITING_STATE_ENDED,
} as const

/** A waiting as it is kept, without its place in the order, which says how many others wait. */
const waitingView = (kept: KeptWaiting): Waiting => ({
  ...kept.said,
  waitingId: kept.waitingId,
  subject: kept.subject,
  serviceTypeId: kept.serviceTypeId,
  placeIds: [...kept.placeIds],
  channel: kept.channel,
  state: states[kept.state],
  appointmentId: kept.appointmentId ?? '',
  offeredUntilMs: kept.offeredUntilMs ?? 0,
})

/** The same without where somebody may be or lives, and through whom they come. */
const withoutWhere = (view: Waiting): Waiting => ({
  ...view,
  placeIds: [],
  slot: undefined,
  contact: view.contact && withoutHome(view.contact),
  mandate: undefined,
})

/** Waiting as its reader sees it: a system without the scope does not learn where a protected person may be. */
export const waitingViews = async (
  { protectedSubjects, runtime }: Pick<WaitingNeeds, 'protectedSubjects' | 'runtime'>,
  kept: readonly KeptWaiting[],
  call: Pick<Call, 'caller'>,
  db?: Queryable,
): Promise<Waiting[]> => {
  const subjects = isWhereWithheld(call) ? kept.map(({ subject }) => subject) : []
  const hidden = await protectedSubjects.among(subjects, runtime.clock.nowMs(), db)
  return kept.map((each) => (hidden.has(each.subject) ? withoutWhere(waitingView(each)) : waitingView(each)))
}
