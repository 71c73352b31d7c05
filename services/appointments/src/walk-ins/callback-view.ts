import type { Queryable } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import { type Callback, CallbackState } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { handShown } from '@unefois/proto/hand'
import { isWhereWithheld } from '../appointment/view.js'
import { practitionerShown } from '../domain/appointment-view.js'
import type { Calendar } from '../domain/calendar.js'
import type { KeptCallback } from '../store/callbacks.js'
import type { CallbackNeeds } from './callback-plan.js'

const states = {
  open: CallbackState.CALLBACK_STATE_OPEN,
  reached: CallbackState.CALLBACK_STATE_REACHED,
  'not-reached': CallbackState.CALLBACK_STATE_NOT_REACHED,
} as const

/** A callback as its reader sees it; a person learns of who calls and who called only what they may. */
const callbackView = (
  { practitioners }: Pick<Calendar, 'practitioners'>,
  kept: KeptCallback,
  { caller }: Pick<Call, 'caller'>,
): Callback => {
  const known = [...practitioners.values()].find(({ no }) => no === kept.practitionerNo)
  const isWithheld = caller.kind === 'person' && known?.of.isUnnamed === true
  return {
    ...kept.said,
    calledBy: caller.kind === 'person' ? handShown(kept.said.calledBy) : kept.said.calledBy,
    callbackId: kept.callbackId,
    subject: kept.subject,
    serviceTypeId: kept.serviceTypeId,
    placeId: kept.placeId,
    state: states[kept.state],
    dueAtMs: kept.dueAtMs,
    practitionerId: isWithheld ? '' : (known?.resource.resourceId ?? ''),
    practitionerShown: practitionerShown(known?.of),
    tries: kept.tries,
  }
}

/** The same without where they asked, who calls, how to reach them, and their words, which can tell anything. */
const withoutWhere = (view: Callback): Callback => ({
  ...view,
  placeId: '',
  practitionerId: '',
  practitionerShown: '',
  telephone: '',
  about: '',
  calledBy: undefined,
})

/** Callbacks as their reader sees them: a system without the scope does not learn where a protected person is, and how to reach them. */
export const callbackViews = async (
  { protectedSubjects, runtime }: Pick<CallbackNeeds, 'protectedSubjects' | 'runtime'>,
  calendar: Pick<Calendar, 'practitioners'>,
  kept: readonly KeptCallback[],
  call: Pick<Call, 'caller'>,
  db?: Queryable,
): Promise<Callback[]> => {
  const subjects = isWhereWithheld(call) ? kept.map(({ subject }) => subject) : []
  const hidden = await protectedSubjects.among(subjects, runtime.clock.nowMs(), db)
  return kept.map((each) => {
    const view = callbackView(calendar, each, call)
    return hidden.has(each.subject) ? withoutWhere(view) : view
  })
}
