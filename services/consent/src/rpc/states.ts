import { ConsentState as WireState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { ConsentState } from '../domain/consent-state.js'

const states: Readonly<Record<ConsentState, WireState>> = {
  requested: WireState.CONSENT_STATE_REQUESTED,
  given: WireState.CONSENT_STATE_GIVEN,
  refused: WireState.CONSENT_STATE_REFUSED,
  withdrawn: WireState.CONSENT_STATE_WITHDRAWN,
  expired: WireState.CONSENT_STATE_EXPIRED,
}

/** A state as the contract numbers it. */
export const wireState = (state: ConsentState): WireState => states[state]
