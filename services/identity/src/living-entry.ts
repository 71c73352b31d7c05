import type { PersonId } from './domain/person.js'
import type { LivingEntry, RegisterStore } from './store/register.js'

/** The entry that stands for a person now: a merged one leads to the one it went into. Undefined for nobody. */
export const livingEntry = async (
  register: Pick<RegisterStore, 'living'>,
  person: PersonId,
): Promise<LivingEntry | undefined> => (await register.living([person])).get(person)
