import type { Clock } from '@unefois/chassis/clock'
import type { Outbox } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import type { Pseudonyms } from './pseudonyms.js'
import type { AuthorityStores } from './store/authority-stores.js'
import { tellMembers } from './tell-members.js'

interface Needs {
  readonly clock: Clock
  readonly outbox: Pick<Outbox, 'add'>
  readonly storesOn: (tx: Transaction) => AuthorityStores
  readonly pseudonyms: Pseudonyms
  readonly transaction: (work: (tx: Transaction) => Promise<void>) => Promise<void>
}

/** Tells every member that knows anybody, once, that pseudonyms of the newest epoch are accepted. */
export const announceEpoch = ({ clock, outbox, storesOn, pseudonyms, transaction }: Needs): Promise<void> =>
  transaction(async (tx) => {
    const stores = storesOn(tx)
    if (!(await stores.changes.announceEpoch(pseudonyms.newestEpoch, clock.nowMs()))) return
    await tellMembers(tx, outbox, await stores.acquaintances.everyMember(), () => ({
      $case: 'epochOpened',
      value: { epoch: pseudonyms.newestEpoch },
    }))
  })
