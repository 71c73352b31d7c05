import type { AgentNamed, Hand, HelperNamed } from '../gen/unefois/eligibility/v1/applications.js'

/** What does not fit: the field, and what it should be; never a value. The field is empty for a name that may be anything. */
export interface FieldFault {
  readonly field: string
  readonly what: string
}

/** Who may be named by a system beside the agency's own service. */
export type NamedHand = 'agent' | 'helper'

const isNamed = (text: string): boolean => text.trim() !== '' && text.length <= 200

const agentFault = ({ agentId, firstName, lastName, capacity, isUnnamed }: AgentNamed): string | undefined => {
  if (!isNamed(agentId)) return 'by.agent.agentId'
  if (!isNamed(capacity)) return 'by.agent.capacity'
  // Whose name a person must not know for a registered reason of safety need not be known here either.
  if (!isUnnamed && !isNamed(firstName)) return 'by.agent.firstName'
  return isUnnamed || isNamed(lastName) ? undefined : 'by.agent.lastName'
}

const helperFault = ({ firstName, lastName, organisation }: HelperNamed): string | undefined => {
  if (!isNamed(firstName)) return 'by.helper.firstName'
  if (!isNamed(lastName)) return 'by.helper.lastName'
  return isNamed(organisation) ? undefined : 'by.helper.organisation'
}

const named = 'is there, in at most 200 characters (CRPA L111-2)'

/**
 * Whose hand it was: the person's own in their session, who names nobody; otherwise the agent or helper whom the agency's system
 * names (CRPA L111-2).
 */
export const handOf = (
  caller: 'person' | 'system',
  by: Hand | undefined,
  allowed: readonly NamedHand[],
): Hand | FieldFault => {
  const who = by?.who
  if (caller === 'person')
    return who
      ? { field: 'by', what: 'is empty: your own session says who you are' }
      : { who: { $case: 'person', value: true } }
  if (who?.$case === 'agent' && allowed.includes('agent')) {
    const field = agentFault(who.value)
    return field === undefined ? { who } : { field, what: named }
  }
  if (who?.$case === 'helper' && allowed.includes('helper')) {
    const field = helperFault(who.value)
    return field === undefined ? { who } : { field, what: named }
  }
  return { field: 'by', what: `names the ${allowed.join(' or ')} who did it (CRPA L111-2)` }
}

export const byService: Hand = { who: { $case: 'service', value: true } }

/** An agent as the person may know them: the capacity alone where a reason of safety was registered (CRPA L111-2). */
export const agentShown = ({ agentId, firstName, lastName, capacity, isUnnamed }: AgentNamed): AgentNamed => ({
  agentId: isUnnamed ? '' : agentId,
  firstName: isUnnamed ? '' : firstName,
  lastName: isUnnamed ? '' : lastName,
  capacity,
  isUnnamed,
})

/** A hand as the person may know it. */
export const handShown = (hand: Hand | undefined): Hand | undefined =>
  hand?.who?.$case === 'agent' ? { who: { $case: 'agent', value: agentShown(hand.who.value) } } : hand
