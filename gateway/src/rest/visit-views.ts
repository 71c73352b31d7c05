import {
  type Visit,
  type VisitLeg,
  type VisitOffer,
  VisitState,
} from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { MeshError } from '@unefois/proto/reasons'
import type { z } from 'zod'
import { textOf } from './eligibility-views.js'
import { nameIn } from './enum-names.js'
import { instantOf } from './views.js'
import type { visit, visitOffer, visitState } from './visit-schemas.js'

export type VisitToSeveralView = z.infer<typeof visit>

export type VisitOfferView = z.infer<typeof visitOffer>

export const visitOfferView = ({ title, summary, ...rest }: VisitOffer): VisitOfferView => ({
  ...rest,
  title: textOf(title),
  summary: textOf(summary),
})

const states: Readonly<Record<z.infer<typeof visitState>, VisitState>> = {
  pledging: VisitState.VISIT_STATE_PLEDGING,
  booked: VisitState.VISIT_STATE_BOOKED,
  released: VisitState.VISIT_STATE_RELEASED,
  cancelled: VisitState.VISIT_STATE_CANCELLED,
}

const legView = ({
  member,
  slot,
  endsAtMs,
  appointmentId,
  isConfirmed,
  isCancelled,
  cancelledBecause,
}: VisitLeg): VisitToSeveralView['legs'][number] => ({
  member,
  scheduleId: slot?.scheduleId ?? '',
  serviceTypeId: slot?.serviceTypeId ?? '',
  startsAt: instantOf(slot?.startsAtMs ?? 0),
  endsAt: instantOf(endsAtMs),
  appointmentId: appointmentId || null,
  isConfirmed,
  isCancelled,
  cancelledBecause: cancelledBecause || null,
})

/** The visit that an answer of the service carries. Error: INTERNAL where it carries none. */
export const visitIn = ({ visit: one }: { readonly visit?: Visit | undefined }): VisitToSeveralView => {
  if (!one) throw new MeshError('INTERNAL', { cause: 'an answer without its visit' })
  return {
    visitId: one.visitId,
    state: nameIn(states, one.state),
    legs: one.legs.map(legView),
    code: one.code,
    refusedBy: one.refusedBy || null,
    refusedBecause: one.refusedBecause || null,
  }
}
