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

/** What a list may be asked for: the states that a consent can be in, and empty for any. Undefined for another. */
export const listedState = (state: WireState): ConsentState | '' | undefined => {
  if (state === WireState.CONSENT_STATE_UNSPECIFIED) return ''
  const known = (Object.keys(states) as ConsentState[]).find((each) => states[each] === state)
  return known === 'requested' ? undefined : known
}
