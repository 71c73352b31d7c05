import { type Consumer, readEvent } from '@unefois/chassis/inbox'
import { ChangeApplied } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { ConsentAuthorityContext } from '../context.js'
import { confirmUpTo } from '../store/withdrawals.js'

type Needs = Pick<ConsentAuthorityContext, 'clock'>

/** A provider confirms that no release of its own can rest any more on what stood before this position. */
export const onChangeApplied = ({ clock }: Needs): Consumer => ({
  isSender: (caller) => caller.kind === 'member' && caller.service === 'consent',
  apply: async (received, tx) => {
    const { feedPosition } = readEvent(ChangeApplied, received)
    const [provider = ''] = received.sender.split('/')
    await confirmUpTo(tx, provider, feedPosition, Math.ceil(clock.nowMs()))
  },
})
