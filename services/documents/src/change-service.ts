import type { Consumers } from '@unefois/chassis/inbox'
import { type Served, served } from '@unefois/chassis/service'
import { ChangeServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/changes'
import type { DocumentsContext } from './context.js'
import { onEvidenceChanged } from './events/on-evidence-changed.js'
import { onSubscriptionEnded } from './events/on-subscription-ended.js'
import { endSubscription } from './rpc/end-subscription.js'
import { getSubscription } from './rpc/get-subscription.js'
import { listSubscriptions } from './rpc/list-subscriptions.js'
import { openSubscription } from './rpc/open-subscription.js'
import { reportChange } from './rpc/report-change.js'
import { subscribeToChanges } from './rpc/subscribe-to-changes.js'
import { endSubscriptions } from './subscription-ends.js'
import { endSubscribers } from './tell-changes.js'

/** What is needed to be told of changes and to tell of them. */
export type ChangeNeeds = Pick<
  DocumentsContext,
  | 'runtime'
  | 'tickets'
  | 'statements'
  | 'holdings'
  | 'bases'
  | 'exchangeLog'
  | 'oppositions'
  | 'subjects'
  | 'refusalBudget'
  | 'changes'
  | 'changesOf'
  | 'subscriptions'
>

/** The contract by which members tell each other that something changed. */
export const changeService = (needs: ChangeNeeds): Served =>
  served(ChangeServiceDefinition, {
    subscribeToChanges: subscribeToChanges(needs),
    getSubscription: getSubscription(needs),
    listSubscriptions: listSubscriptions(needs),
    endSubscription: endSubscription(needs),
    reportChange: reportChange(needs),
    openSubscription: openSubscription(needs),
  })

/** What documents hears from documents of other members about subscriptions. */
export const changeConsumers = (needs: ChangeNeeds): Consumers => ({
  'documents.evidence-changed.v1': onEvidenceChanged(needs),
  'documents.subscription-ended.v1': onSubscriptionEnded(needs),
})

/** Ends what is over, at both ends, and forgets what no retention covers. */
export const keepSubscriptions = async (needs: ChangeNeeds): Promise<void> => {
  await endSubscribers(needs)
  await endSubscriptions(needs)
  needs.runtime.outbox.wake()
}
