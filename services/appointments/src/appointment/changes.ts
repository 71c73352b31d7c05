import type { Call } from '@unefois/chassis/rpc'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { handBehind, wayOf } from '../booking/party.js'
import type { BookingWay } from '../domain/booking-rules.js'
import { invalid } from './refusals.js'

/** Who changes an appointment: by which way, and whose hand that is. */
export interface Changer {
  readonly way: BookingWay
  readonly hand: Hand
}

/** Who changes an appointment. Error: APPOINTMENT_INVALID naming what is missing of the name. */
export const changerBehind = (call: Pick<Call, 'caller'>, by: Hand | undefined): Changer => {
  if (call.caller.kind === 'neighbour') {
    if (by?.who) throw invalid({ field: 'by', what: 'is empty with a secret' })
    return { way: 'secret', hand: { who: { $case: 'person', value: true } } }
  }
  const hand = handBehind(call, by, ['agent', 'helper'])
  return { way: wayOf(hand), hand }
}
