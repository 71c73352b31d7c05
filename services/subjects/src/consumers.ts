import type { Clock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { type Consumer, type Consumers, readEvent } from '@unefois/chassis/inbox'
import type { Transaction } from '@unefois/chassis/postgres'
import { IdentityChange } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import type { Subjects } from './subjects.js'

type Change = NonNullable<IdentityChange['change']>
type Said<K extends Change['$case']> = Extract<Change, { $case: K }>['value']

/** To look into the one who stands, where that is needed. */
const lookIntoMs = 5000

const heard = <K extends Change['$case']>(
  kind: K,
  apply: (said: Said<K>, tx: Transaction) => Promise<void>,
): Consumer => ({
  isSender: (caller) => caller.kind === 'neighbour' && caller.service === 'identity',
  apply: async (received, tx) => {
    const { change } = readEvent(IdentityChange, received)
    if (change?.$case !== kind) throw new MeshError('REQUEST_MALFORMED')
    await apply(change.value as unknown as Said<K>, tx)
  },
})

/**
 * What a service that keeps people hears of the agency's own identity service. A split changes nothing: only the agency's own
 * file can tell which of the people it is about, so it stays as it is, and no pseudonym leads to it any more.
 */
export const subjectConsumers = (subjects: Pick<Subjects, 'merge' | 'openEpoch'>, clock: Clock): Consumers => ({
  'identity.subject-merged.v1': heard('subjectMerged', ({ subjects: aliases, into }, tx) =>
    subjects.merge(tx, aliases, into, Deadline.after(lookIntoMs, clock)),
  ),
  'identity.subject-split.v1': heard('subjectSplit', async () => undefined),
  'identity.epoch-opened.v1': heard('epochOpened', ({ epoch }, tx) => subjects.openEpoch(tx, epoch)),
})
