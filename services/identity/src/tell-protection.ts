import type { Outbox } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import type { PersonId } from './domain/person.js'
import type { Pseudonyms } from './pseudonyms.js'
import type { RegisterKey } from './register-key.js'
import type { AuthorityStores } from './store/authority-stores.js'
import type { StandingProtection } from './store/protections.js'
import { tellMembers } from './tell-members.js'

export interface ProtectionTelling {
  readonly outbox: Pick<Outbox, 'add'>
  readonly pseudonyms: Pseudonyms
  readonly protectionMarks: Pick<RegisterKey, 'protectionMark'>
}

const tellStanding = (
  { outbox, pseudonyms, protectionMarks }: ProtectionTelling,
  tx: Transaction,
  person: PersonId,
  { untilMs, protections }: StandingProtection,
  members: readonly string[],
): Promise<number> =>
  tellMembers(tx, outbox, members, (member) => ({
    $case: 'subjectProtected',
    value: {
      subjects: [...pseudonyms.spellings(person, member)],
      untilMs,
      together: protections.map((id) => protectionMarks.protectionMark(id, member)),
    },
  }))

/** Tells everybody who knows these people how their protection stands now, in the transaction that changed it. */
export const tellProtection = async (
  needs: ProtectionTelling,
  tx: Transaction,
  stores: Pick<AuthorityStores, 'acquaintances' | 'protections'>,
  people: readonly PersonId[],
  nowMs: number,
): Promise<void> => {
  const standing = await stores.protections.standing(people, nowMs)
  for (const person of people) {
    const members = await stores.acquaintances.membersOf(person)
    const protection = standing.get(person)
    if (protection) await tellStanding(needs, tx, person, protection, members)
    else
      await tellMembers(tx, needs.outbox, members, (member) => ({
        $case: 'subjectProtectionEnded',
        value: { subjects: [...needs.pseudonyms.spellings(person, member)] },
      }))
  }
}

/** A member that gets to know a protected person is told so in the same transaction, before it can have asked anything. */
export const tellNewcomer = async (
  needs: ProtectionTelling,
  tx: Transaction,
  stores: Pick<AuthorityStores, 'protections'>,
  met: readonly PersonId[],
  member: string,
  nowMs: number,
): Promise<void> => {
  for (const [person, protection] of await stores.protections.standing(met, nowMs))
    await tellStanding(needs, tx, person, protection, [member])
}
