import { type Consumer, type Consumers, readEvent } from '@unefois/chassis/inbox'
import type { Transaction } from '@unefois/chassis/postgres'
import { PlacesWithheld } from '@unefois/proto/gen/unefois/documents/v1/places'
import { IdentityChange } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import type { DocumentsContext } from '../context.js'
import { withholdingsFor } from '../store/places-told.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'protectedSubjects'>

/** Whoever was told the places of a file that names these people withholds them, or no longer does. */
const tellPastRequesters = async (
  { outbox, clock }: Needs['runtime'],
  tx: Transaction,
  subjects: readonly string[],
): Promise<void> => {
  const withholdings = await withholdingsFor(tx, subjects, clock.nowMs())
  await outbox.add(
    tx,
    withholdings.map(({ requester, exchangeId, untilMs }) => ({
      receiver: `${requester}/documents`,
      topic: 'places',
      type: 'documents.places-withheld.v1',
      data: PlacesWithheld.encode({ exchangeId, untilMs }).finish(),
    })),
  )
}

const fromIdentity: Consumer['isSender'] = (caller) => caller.kind === 'neighbour' && caller.service === 'identity'

/** Hears from the member's own identity service whose places are to be withheld, and whose no longer. */
export const protectionConsumers = ({ protectedSubjects, runtime }: Needs): Consumers => ({
  'identity.subject-protected.v1': {
    isSender: fromIdentity,
    apply: async (received, tx) => {
      const { change } = readEvent(IdentityChange, received)
      if (change?.$case !== 'subjectProtected') throw new MeshError('REQUEST_MALFORMED')
      const { subjects, together, untilMs } = change.value
      await protectedSubjects.protect(tx, subjects, together, untilMs)
      await tellPastRequesters(runtime, tx, subjects)
    },
  },
  'identity.subject-protection-ended.v1': {
    isSender: fromIdentity,
    apply: async (received, tx) => {
      const { change } = readEvent(IdentityChange, received)
      if (change?.$case !== 'subjectProtectionEnded') throw new MeshError('REQUEST_MALFORMED')
      await protectedSubjects.end(tx, change.value.subjects, received.occurredAtMs)
      await tellPastRequesters(runtime, tx, change.value.subjects)
    },
  },
})
