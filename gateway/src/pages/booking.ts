import type { Deadline } from '@unefois/chassis/deadline'
import type { Secret } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { Reason } from '@unefois/proto/reasons'
import type { OfferedView } from '../rest/calendar-views.js'
import type { Html } from './html.js'
import type { Visit } from './visit.js'

/** By what right somebody books on a page, and where its pages are: a person by their login, anybody by a link. */
export interface Booking {
  readonly path: string
  readonly offered: OfferedView
  /** Only there; empty: anywhere. */
  readonly placeIds: readonly string[]
  readonly subject: string
  readonly secret: Secret | undefined
  readonly call: { readonly deadline: Deadline; readonly accessToken?: string }
  /** What each of its forms carries. */
  readonly token: Html | undefined
}

/** Why another slot is taken: this one cannot be had, or not any more. */
export const slotIsGone = new Set<Reason>([
  ...(['SLOT_UNKNOWN', 'SLOT_TAKEN', 'SLOT_RESERVED', 'SLOT_NOT_OPEN', 'TIME_PASSED'] as const),
  ...(['HOLD_UNKNOWN', 'HOLD_EXPIRED'] as const),
])

export const bookPath = (serviceTypeId: string): string => `/book/${encodeURIComponent(serviceTypeId)}`

/** With what a request for somebody without an account goes to the service: the gateway's own right, and their secret. */
export const openCall = ({ deadline }: Visit): { deadline: Deadline } => ({ deadline })
