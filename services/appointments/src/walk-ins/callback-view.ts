import type { Call } from '@unefois/chassis/rpc'
import { type Callback, CallbackState } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { handShown } from '@unefois/proto/hand'
import { practitionerShown } from '../domain/appointment-view.js'
import type { Calendar } from '../domain/calendar.js'
import type { KeptCallback } from '../store/callbacks.js'

const states = {
  open: CallbackState.CALLBACK_STATE_OPEN,
  reached: CallbackState.CALLBACK_STATE_REACHED,
  'not-reached': CallbackState.CALLBACK_STATE_NOT_REACHED,
} as const

/** A callback as its reader sees it; a person learns of who calls and who called only what they may. */
export const callbackView = (
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
