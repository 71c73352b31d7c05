import { type Consumers, readEvent } from '@unefois/chassis/inbox'
import { PlacesWithheld } from '@unefois/proto/gen/unefois/documents/v1/places'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'accesses' | 'withheldExchanges'>

const said = z.object({ exchangeId: z.uuid(), untilMs: z.number().int().nonnegative() })

/**
 * A provider says that a file of which it told the places names somebody who is protected now. Heard only of an exchange that
 * this member asked that very provider for; what is not is confirmed and forgotten, as corrections are. No system is told.
 */
export const withholdingConsumers = ({ runtime, accesses, withheldExchanges }: Needs): Consumers => ({
  'documents.places-withheld.v1': {
    isSender: (caller) => caller.kind === 'member' && caller.service === 'documents',
    apply: async (received, tx) => {
      const [provider = ''] = received.sender.split('/')
      const event = said.safeParse(readEvent(PlacesWithheld, received)).data
      const asked = event && (await accesses.exchange(event.exchangeId, tx))?.opening.record
      if (!event || asked?.kind !== 'request' || asked.counterparty !== provider) {
        runtime.log.warn(
          { member: provider },
          'a withholding was ignored: nothing of the kind was asked of this member',
        )
        return
      }
      await withheldExchanges.put(tx, event.exchangeId, event.untilMs)
    },
  },
})
