import { type Consumer, readEvent } from '@unefois/chassis/inbox'
import { EvidenceChanged } from '@unefois/proto/gen/unefois/documents/v1/changes'
import { z } from 'zod'
import type { ChangeNeeds } from '../change-service.js'
import { tellOutdated } from '../outdated-evidence.js'
import { evidenceType, instantMs } from '../rpc/fields.js'
import { addAgencyEvent } from '../store/agency-events.js'
import { subscriptionRecord } from '../subscription-records.js'

const said = z.object({ subscriptionId: z.uuid(), evidenceType, changedAtMs: instantMs })

/**
 * A provider says that something changed. Heard only of a subscription with that very provider that stands; anything else is
 * confirmed and forgotten, or it would hold up what the same sender says later.
 */
export const onEvidenceChanged = ({
  runtime,
  subscriptions,
  exchangeLog,
}: Pick<ChangeNeeds, 'runtime' | 'subscriptions' | 'exchangeLog'>): Consumer => ({
  isSender: (caller) => caller.kind === 'member' && caller.service === 'documents',
  apply: async (received, tx) => {
    const [provider = ''] = received.sender.split('/')
    const event = said.safeParse(readEvent(EvidenceChanged, received)).data
    const heard = event && (await subscriptions.change(tx, { ...event, provider }))
    if (!heard)
      return runtime.log.warn({ member: provider }, 'a change was ignored: nothing of the kind was subscribed to')
    await exchangeLog.append(tx, subscriptionRecord(runtime, heard, 'change-told'))
    const { subject, subscriptionId: reference } = heard
    await tellOutdated(runtime, tx, { kind: 'changed', subject, provider, evidenceType: heard.evidenceType, reference })
    await addAgencyEvent(tx, 'evidence-changed', heard.subscriptionId, runtime.clock.nowMs())
  },
})
