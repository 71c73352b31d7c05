import { Deadline } from '@unefois/chassis/deadline'
import { type Consumer, readEvent } from '@unefois/chassis/inbox'
import { UseOpposed } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { ConsentContext } from '../context.js'
import { putOpposition } from '../store/oppositions.js'

type Needs = Pick<ConsentContext, 'subjects' | 'clock'>

/** To look into a pseudonym of another epoch. */
const lookIntoMs = 5000

/** A person told this member's documents that they oppose: from now on no proactive use is signed, and no contact recorded. */
export const onUseOpposed = ({ subjects, clock }: Needs): Consumer => ({
  isSender: (caller) => caller.kind === 'neighbour' && caller.service === 'documents',
  apply: async (received, tx) => {
    const { keptUntilMs, ...use } = readEvent(UseOpposed, received)
    await subjects.ready([use.subject], Deadline.after(lookIntoMs, clock), 'keep')
    await putOpposition(tx, use, keptUntilMs)
  },
})
