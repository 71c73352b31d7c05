import { type Consumer, type Consumers, readEvent } from '@unefois/chassis/inbox'
import type { Outbox } from '@unefois/chassis/outbox'
import type { Federation } from '@unefois/proto/federation'
import { IdentityChange } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { eventTypes, type Keeper } from '../domain/identity-event.js'
import { forwardKept } from '../forward-kept.js'
import { keepEvent } from '../store/identity-events.js'

interface Needs {
  readonly federation: { readonly current: Federation }
  readonly outbox: Pick<Outbox, 'add'>
  readonly forwardsTo: readonly Keeper[]
}

/** Keeps what the identity authority says of the people whom this agency knows, and hands it on to its own services. */
const onIdentityChanged = ({ federation, outbox, forwardsTo }: Needs): Consumer => ({
  isSender: (caller) =>
    caller.kind === 'member' &&
    caller.service === 'identity-authority' &&
    federation.current.hasRole(caller.member, 'identity-authority'),
  apply: async (received, tx) => {
    const { change } = readEvent(IdentityChange, received)
    if (change === undefined || eventTypes[change.$case] !== received.type) throw new MeshError('REQUEST_MALFORMED')
    await keepEvent(tx, received)
    await forwardKept(tx, outbox, forwardsTo)
  },
})

/** The consumers of all that the identity authority tells. */
export const identityConsumers = (needs: Needs): Consumers =>
  Object.fromEntries(Object.values(eventTypes).map((type) => [type, onIdentityChanged(needs)]))
