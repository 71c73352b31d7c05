import type { Clock } from '@unefois/chassis/clock'
import type { Outbox } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import type { Federation } from '@unefois/proto/federation'
import type { Pseudonyms } from './pseudonyms.js'
import type { AuthorityStores } from './store/authority-stores.js'
import { tellMembers, withKeepersOfConsents } from './tell-members.js'
import { type ProtectionTelling, tellProtection } from './tell-protection.js'

interface Needs extends ProtectionTelling {
  readonly clock: Clock
  readonly outbox: Pick<Outbox, 'add'>
  readonly storesOn: (tx: Transaction) => AuthorityStores
  readonly pseudonyms: Pseudonyms
  readonly federation: { readonly current: Federation }
  readonly transaction: (work: (tx: Transaction) => Promise<void>) => Promise<void>
}

/** Tells every member that keeps anybody, once, that pseudonyms of the newest epoch are accepted. */
export const announceEpoch = ({ clock, federation, storesOn, transaction, ...telling }: Needs): Promise<void> =>
  transaction(async (tx) => {
    const stores = storesOn(tx)
    const { outbox, pseudonyms } = telling
    if (!(await stores.changes.announceEpoch(pseudonyms.newestEpoch, clock.nowMs()))) return
    const told = withKeepersOfConsents(federation.current, await stores.acquaintances.everyMember())
    await tellMembers(tx, outbox, told, () => ({
      $case: 'epochOpened',
      value: { epoch: pseudonyms.newestEpoch },
    }))
    // Protected people are told again, by their pseudonyms of that epoch too: a member may be asked by one before it has moved.
    const nowMs = clock.nowMs()
    await tellProtection(telling, tx, stores, await stores.protections.everybody(nowMs), nowMs)
  })
