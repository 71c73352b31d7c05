import type { Outbox } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import { IdentityChange } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { heardBy, type Keeper } from './domain/identity-event.js'
import { takeWaiting } from './store/identity-events.js'

/**
 * Hands what is kept and went no further on to the agency's own services, in its order: each hears what it must follow. In the
 * transaction of the event that brings them, so nothing is told twice and nothing is forgotten.
 */
export const forwardKept = async (
  tx: Transaction,
  outbox: Pick<Outbox, 'add'>,
  forwardsTo: readonly Keeper[],
): Promise<void> => {
  for (const { type, data } of await takeWaiting(tx)) {
    const { change } = IdentityChange.decode(data)
    const receivers = change ? heardBy[change.$case].filter((keeper) => forwardsTo.includes(keeper)) : []
    await outbox.add(
      tx,
      receivers.map((receiver) => ({ receiver, topic: 'people', type, data })),
    )
  }
}
