import { nowSeconds } from '@unefois/chassis/clock'
import type { Transaction } from '@unefois/chassis/postgres'
import { UseOpposed } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError } from '@unefois/proto/reasons'
import type { DocumentsContext } from '../context.js'
import { markerEndMs } from '../domain/proactive.js'
import type { ProactiveUse } from '../store/oppositions.js'
import { endSubscription } from '../subscription-ends.js'

export type OpposingNeeds = Pick<
  DocumentsContext,
  'runtime' | 'oppositions' | 'oppositionMonths' | 'subscriptions' | 'exchangeLog'
>

/** Whether there is, or was, anything to oppose: a person cannot leave markers for purposes that this member never had. */
const requireOpposable = async (
  { runtime, oppositions }: OpposingNeeds,
  tx: Transaction,
  use: ProactiveUse,
): Promise<void> => {
  const isAuthorised = runtime.federation.current
    .authorisationsInForce(nowSeconds(runtime.clock))
    .some(
      ({ requester, purpose, mode }) => requester === runtime.member && purpose === use.purpose && mode === 'proactive',
    )
  if (!isAuthorised && !(await oppositions.hasCollected(tx, use))) throw new MeshError('PURPOSE_NOT_AUTHORISED')
}

/**
 * Keeps an opposition, deletes what was collected, ends what was subscribed to and tells this member's consent, in one transaction. Error:
 * PURPOSE_NOT_AUTHORISED where this member has no proactive use for the purpose.
 */
export const oppose = async (
  needs: OpposingNeeds,
  tx: Transaction,
  use: ProactiveUse,
): Promise<{ recordedAtMs: number; keptUntilMs: number }> => {
  const { runtime, oppositions, oppositionMonths } = needs
  await requireOpposable(needs, tx, use)
  const recordedAtMs = Math.floor(runtime.clock.nowMs())
  const keptUntilMs = markerEndMs(recordedAtMs, oppositionMonths)
  await oppositions.oppose(tx, use, { nowMs: recordedAtMs, keptUntilMs })
  await runtime.outbox.add(tx, [
    {
      receiver: 'consent',
      topic: 'oppositions',
      type: 'documents.use-opposed.v1',
      data: UseOpposed.encode({ ...use, keptUntilMs }).finish(),
    },
  ])
  for (const subscription of await needs.subscriptions.inMode(tx, { ...use, mode: 'proactive' }))
    await endSubscription(needs, tx, subscription, 'this service')
  return { recordedAtMs, keptUntilMs }
}
