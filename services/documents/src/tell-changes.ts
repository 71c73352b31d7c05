import type { OutgoingEvent } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import { EvidenceChanged, SubscriptionEnded } from '@unefois/proto/gen/unefois/documents/v1/changes'
import type { SubjectId } from '@unefois/proto/ids'
import { toMeshError } from '@unefois/proto/reasons'
import type { ChangeNeeds } from './change-service.js'
import { consentRefusal } from './domain/basis.js'
import type { Subscriber } from './domain/subscription.js'
import type { DueSubscriber, SubscriberKey } from './store/subscribers.js'
import { subscriberRecord } from './subscription-records.js'

type Needs = Pick<ChangeNeeds, 'runtime' | 'changes' | 'exchangeLog'>

const atOnce = 50
/** A process that dies while it tells leaves it to another after so long; what waits for the lease waits as long. */
const againMs = 30_000

/** Both kinds of event travel in one order: nobody hears of a change after the end. */
const topic = 'changes'

/** Says that a subscription stands no more, to the documents of the other end. */
export const endedEvent = (member: string, subscriptionId: string, endedAtMs: number): OutgoingEvent => ({
  receiver: `${member}/documents`,
  topic,
  type: 'documents.subscription-ended.v1',
  data: SubscriptionEnded.encode({ subscriptionId, endedAtMs }).finish(),
})

/** Ends what a requester is told of, puts it on record and says so to the requester; false when it stood no more. */
export const endSubscriber = async (needs: Needs, tx: Transaction, key: SubscriberKey): Promise<boolean> => {
  const { runtime, changes, exchangeLog } = needs
  const nowMs = Math.floor(runtime.clock.nowMs())
  const ended = await changes.subscribers.end(tx, key, nowMs)
  if (!ended) return false
  await exchangeLog.append(tx, subscriberRecord(runtime, ended, 'subscription-ended'))
  await runtime.outbox.add(tx, [endedEvent(ended.requester, ended.subscriptionId, nowMs)])
  return true
}

const end = (needs: Needs, subscriber: Subscriber): Promise<boolean> =>
  needs.runtime.postgres.transaction((tx) => endSubscriber(needs, tx, subscriber))

/** It was told by another process, or ended, meanwhile. */
class NothingToTell extends Error {}

const consentOf = ({ changes }: Needs, due: DueSubscriber) => {
  const { basisId, subject } = due
  const refusal: NonNullable<Parameters<Needs['exchangeLog']['commitWith']>[0]['consent']>['refusal'] = (
    state,
    now,
  ) => {
    const authorisation = changes.authorisationOf(due)
    if (!authorisation) return 'PURPOSE_NOT_AUTHORISED'
    return consentRefusal({ authorisation, ticket: { sub: subject as SubjectId }, basisId }, state, now)
  }
  return { basisId, refusal }
}

/** Every gate is judged again, consent under its lock and the lease; who does not pass hears that it has ended and no more. */
const tell = async (needs: Needs, due: DueSubscriber): Promise<void> => {
  const { runtime, changes, exchangeLog } = needs
  const { requester, subscriptionId, evidenceType, changedAtMs } = due
  if (due.untilMs <= runtime.clock.nowMs() || !changes.authorisationOf(due)) return void (await end(needs, due))
  const record = subscriberRecord(runtime, due, 'change-told')
  const refusal = await exchangeLog.commitWith(
    { record, ...(due.mode === 'consent' && { consent: consentOf(needs, due) }) },
    async (tx) => {
      if (!(await changes.subscribers.told(tx, due))) throw new NothingToTell()
      await runtime.outbox.add(tx, [
        {
          receiver: `${requester}/documents`,
          topic,
          type: 'documents.evidence-changed.v1',
          data: EvidenceChanged.encode({ subscriptionId, evidenceType, changedAtMs }).finish(),
        },
      ])
    },
  )
  // Without a lease nobody knows whether the person still agrees: it is told later, or never.
  if (refusal && refusal !== 'REVOCATION_FEED_STALE') await end(needs, due)
}

/** Tells every subscriber for whom something is due; for a chore. */
export const tellChanges = async (needs: Needs): Promise<void> => {
  const { runtime, changes } = needs
  const nowMs = runtime.clock.nowMs()
  const due = await changes.subscribers.takeDue(nowMs, nowMs + againMs, atOnce)
  for (const one of due)
    await tell(needs, one).catch((thrown) => {
      if (thrown instanceof NothingToTell) return
      runtime.log.warn(
        { reason: toMeshError(thrown).reason, err: thrown },
        'a change could not be told; it is tried again',
      )
    })
  if (due.length > 0) runtime.outbox.wake()
}

/** Ends what its time, or its authorisation, no longer covers, though nothing changed; for a chore. */
export const endSubscribers = async (needs: Needs): Promise<void> => {
  const { runtime, changes } = needs
  const { subscribers } = changes
  const nowMs = runtime.clock.nowMs()
  const unauthorised = (await subscribers.uses()).filter((use) => !changes.authorisationOf(use))
  const over = [undefined, ...unauthorised].map((use) => subscribers.toEnd(use, nowMs, atOnce))
  for (const subscriber of (await Promise.all(over)).flat()) await end(needs, subscriber)
  await subscribers.deleteEnded(nowMs)
}
