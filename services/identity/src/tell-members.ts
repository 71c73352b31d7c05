import type { Outbox } from '@unefois/chassis/outbox'
import type { Transaction } from '@unefois/chassis/postgres'
import type { Federation } from '@unefois/proto/federation'
import { IdentityChange } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { eventTypes } from './domain/identity-event.js'

export type Change = NonNullable<IdentityChange['change']>

/** Tells each of these members a change in its own words, in the transaction of the change; answers how many. */
export const tellMembers = async (
  tx: Transaction,
  outbox: Pick<Outbox, 'add'>,
  members: readonly string[],
  changeFor: (member: string) => Change,
): Promise<number> => {
  await outbox.add(
    tx,
    members.map((member) => {
      const change = changeFor(member)
      return {
        receiver: `${member}/identity`,
        topic: 'people',
        type: eventTypes[change.$case],
        data: IdentityChange.encode({ change }).finish(),
      }
    }),
  )
  return members.length
}

/**
 * Those who know a person, and the consent authority: it knows nobody, and keeps what people agreed to under pseudonyms of its
 * own, which change with the others.
 */
export const withKeepersOfConsents = (federation: Federation, knowing: readonly string[]): readonly string[] => {
  const keepers = federation.claims.members.filter(({ roles }) => roles.includes('consent-authority'))
  return [...new Set([...knowing, ...keepers.map(({ id }) => id)])]
}
