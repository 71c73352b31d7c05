import type { Clock } from '@unefois/chassis/clock'
import type { Outbox } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import type { Federation } from '@unefois/proto/federation'
import type { MemberId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import type { Candidate } from './domain/matching.js'
import { livingEntry } from './living-entry.js'
import type { Pseudonyms } from './pseudonyms.js'
import type { AuthorityStores } from './store/authority-stores.js'
import type { ProtectionTelling } from './tell-protection.js'

export interface EntryChangeNeeds extends ProtectionTelling {
  readonly member: MemberId
  readonly clock: Clock
  readonly outbox: Pick<Outbox, 'add'>
  readonly storesOn: (tx: Transaction) => AuthorityStores
  readonly pseudonyms: Pseudonyms
  readonly federation: { readonly current: Federation }
}

/**
 * The entries that the authority's staff mean by its own pseudonyms, locked, in the order given. Throws SUBJECT_UNKNOWN or
 * SUBJECT_SPLIT; REQUEST_INVALID when two of them are one entry.
 */
export const requireEntries = async (
  { member, pseudonyms }: Pick<EntryChangeNeeds, 'member' | 'pseudonyms'>,
  stores: AuthorityStores,
  subjects: readonly string[],
): Promise<Candidate[]> => {
  const named = subjects.flatMap((subject) => pseudonyms.open(subject, member) ?? [])
  await stores.changes.lock(named)
  const people = []
  for (const person of named) {
    const entry = await livingEntry(stores.register, person)
    if (entry?.isSplit) throw new MeshError('SUBJECT_SPLIT')
    if (entry) people.push(entry.person)
  }
  if (people.length !== subjects.length) throw new MeshError('SUBJECT_UNKNOWN')
  if (new Set(people).size !== people.length)
    throw new MeshError('REQUEST_INVALID', { detail: 'The two are one entry.', facts: { field: 'subject' } })
  await stores.changes.lock(people)
  const found = await stores.register.read(people)
  return people.flatMap((person) => found.find((each) => each.person === person) ?? [])
}
