import {
  type Callback,
  CallbackState,
  type Ticket,
  TicketState,
} from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { MeshError } from '@unefois/proto/reasons'
import type { z } from 'zod'
import { handView } from './application-views.js'
import { whenOf } from './appointment-views.js'
import { nameIn } from './enum-names.js'
import { instantOf } from './views.js'
import type { callback, callbackState, ticket, ticketState } from './walk-in-schemas.js'

export type TicketView = z.infer<typeof ticket>
export type CallbackView = z.infer<typeof callback>

const ticketStates: Readonly<Record<z.infer<typeof ticketState>, TicketState>> = {
  waiting: TicketState.TICKET_STATE_WAITING,
  called: TicketState.TICKET_STATE_CALLED,
  seen: TicketState.TICKET_STATE_SEEN,
  left: TicketState.TICKET_STATE_LEFT,
}
const callbackStates: Readonly<Record<z.infer<typeof callbackState>, CallbackState>> = {
  open: CallbackState.CALLBACK_STATE_OPEN,
  reached: CallbackState.CALLBACK_STATE_REACHED,
  'not-reached': CallbackState.CALLBACK_STATE_NOT_REACHED,
}

export const ticketView = (one: Ticket): TicketView => ({
  ticketId: one.ticketId,
  placeId: one.placeId,
  serviceTypeId: one.serviceTypeId,
  day: one.day,
  number: one.number,
  state: nameIn(ticketStates, one.state),
  isUrgent: one.isUrgent,
  takenAt: instantOf(one.takenAtMs),
  before: one.before,
  practitionerId: one.practitionerId || null,
  calledAt: whenOf(one.calledAtMs),
  until: whenOf(one.untilMs),
  subject: one.subject || null,
  takenBy: one.takenBy ? handView(one.takenBy) : null,
  calledBy: one.calledBy ? handView(one.calledBy) : null,
})

/** The ticket that an answer of the service carries. Error: INTERNAL where it carries none. */
export const ticketIn = ({ ticket: one }: { readonly ticket?: Ticket | undefined }): TicketView => {
  if (!one) throw new MeshError('INTERNAL', { cause: 'an answer without its ticket' })
  return ticketView(one)
}

export const callbackView = (one: Callback): CallbackView => ({
  callbackId: one.callbackId,
  subject: one.subject,
  serviceTypeId: one.serviceTypeId,
  placeId: one.placeId,
  telephone: one.telephone,
  about: one.about,
  language: one.language,
  state: nameIn(callbackStates, one.state),
  requestedAt: instantOf(one.requestedAtMs),
  dueAt: instantOf(one.dueAtMs),
  practitionerId: one.practitionerId || null,
  practitionerShown: one.practitionerShown || null,
  tries: one.tries,
  endedAt: whenOf(one.endedAtMs ?? 0),
  calledBy: one.calledBy ? handView(one.calledBy) : null,
})

/** The callback that an answer of the service carries. Error: INTERNAL where it carries none. */
export const callbackIn = ({ callback: one }: { readonly callback?: Callback | undefined }): CallbackView => {
  if (!one) throw new MeshError('INTERNAL', { cause: 'an answer without its callback' })
  return callbackView(one)
}
