import { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { type Waiting, WaitingState } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { MeshError } from '@unefois/proto/reasons'
import type { z } from 'zod'
import { contactView, needsView, whenOf } from './appointment-views.js'
import { channelView } from './calendar-views.js'
import { nameIn } from './enum-names.js'
import { slotView } from './slot-views.js'
import { instantOf } from './views.js'
import type { waiting, waitingState } from './waiting-schemas.js'

export type WaitingView = z.infer<typeof waiting>

const states: Readonly<Record<z.infer<typeof waitingState>, WaitingState>> = {
  waiting: WaitingState.WAITING_STATE_WAITING,
  offered: WaitingState.WAITING_STATE_OFFERED,
  booked: WaitingState.WAITING_STATE_BOOKED,
  left: WaitingState.WAITING_STATE_LEFT,
  ended: WaitingState.WAITING_STATE_ENDED,
}

export const waitingView = (one: Waiting): WaitingView => ({
  waitingId: one.waitingId,
  subject: one.subject,
  serviceTypeId: one.serviceTypeId,
  placeIds: one.placeIds,
  channel: one.channel === MeetingChannel.MEETING_CHANNEL_UNSPECIFIED ? null : channelView(one.channel),
  fromDay: one.fromDay,
  toDay: one.toDay,
  booksByItself: one.booksByItself,
  offerMinutes: one.offerMinutes,
  needs: needsView(one.needs),
  contact: contactView(one.contact),
  language: one.language,
  state: nameIn(states, one.state),
  since: instantOf(one.sinceMs),
  appointmentId: one.appointmentId || null,
  slot: one.slot ? slotView(one.slot) : null,
  offeredUntil: whenOf(one.offeredUntilMs),
})

/** The waiting that an answer of the service carries. Error: INTERNAL where it carries none. */
export const waitingIn = ({ waiting: one }: { readonly waiting?: Waiting | undefined }): WaitingView => {
  if (!one) throw new MeshError('INTERNAL', { cause: 'an answer without its waiting' })
  return waitingView(one)
}
