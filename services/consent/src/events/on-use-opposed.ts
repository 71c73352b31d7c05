import { type Consumer, readEvent } from '@unefois/chassis/inbox'
import { UseOpposed } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { putOpposition } from '../store/oppositions.js'

/** A person told this member's documents that they oppose: from now on no proactive use is signed, and no contact recorded. */
export const onUseOpposed = (): Consumer => ({
  isSender: (caller) => caller.kind === 'neighbour' && caller.service === 'documents',
  apply: async (received, tx) => {
    const { keptUntilMs, ...use } = readEvent(UseOpposed, received)
    await putOpposition(tx, use, keptUntilMs)
  },
})
