import type { Reason } from '@unefois/proto/reasons'

/** Why a slot is not had, by a hold, a booking or a move. */
export const bookingRefusals = [
  ...(['CALLER_NOT_ALLOWED', 'APPOINTMENT_INVALID', 'SERVICE_TYPE_UNKNOWN'] as const),
  ...(['SLOT_UNKNOWN', 'SLOT_TAKEN', 'SLOT_RESERVED', 'SLOT_NOT_OPEN', 'TIME_PASSED', 'URGENT_SEEN_TODAY'] as const),
  ...(['APPOINTMENT_LIMIT_REACHED', 'BOOKING_NOT_ALLOWED', 'MANDATE_MISSING', 'MANDATE_ENDED'] as const),
] as const satisfies readonly Reason[]
