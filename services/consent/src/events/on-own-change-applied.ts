import type { Consumer } from '@unefois/chassis/inbox'
import type { ConsentContext } from '../context.js'

type Needs = Pick<ConsentContext, 'federation' | 'outbox'>

/** This member's documents have committed a change: the consent authority is told, in the same order. */
export const onOwnChangeApplied = ({ federation, outbox }: Needs): Consumer => ({
  isSender: (caller) => caller.kind === 'neighbour' && caller.service === 'documents',
  apply: async ({ data }, tx) => {
    const authority = federation.current.memberWithRole('consent-authority').id
    await outbox.add(tx, [
      {
        receiver: `${authority}/consent-authority`,
        topic: 'consent-feed',
        type: 'consent.change-applied.v1',
        data,
      },
    ])
  },
})
