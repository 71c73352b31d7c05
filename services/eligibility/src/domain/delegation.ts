import type { Delegation, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { outcomeName } from './outcome.js'
import { dayAfterTerm } from './term.js'

/** What cannot be registered: the field, and what it should be. */
export interface DelegationFault {
  readonly field: string
  readonly what: string
}

/** A delegation is looked at anew after six years at most: who signs changes, and so do texts. */
const longest = { count: 72, unit: 'months' } as const

/** What a decision is made of, as far as it matters who may sign it. */
export interface ToBeSigned {
  readonly procedure: string
  readonly outcome: Outcome
}

const isSet = <T>(all: readonly T[]): boolean => new Set(all).size === all.length
const hasWords = (text: string, atLeast: number): boolean => text.trim().length >= atLeast

/** The first thing wrong with a delegation, `day` being today; its key is another's to check. */
export const delegationFault = (
  { agent, procedures, outcomes: given, fromDay, toDay, legalReference }: Delegation,
  isProcedure: (id: string) => boolean,
  day: string,
): DelegationFault | undefined => {
  // Whose name a person must not know for a registered reason of safety need not be known here either.
  const lacksName = (name: string | undefined): boolean => agent?.isUnnamed !== true && !hasWords(name ?? '', 1)
  const faults: readonly (readonly [field: string, isWrong: boolean, what: string])[] = [
    ['agent.agentId', !hasWords(agent?.agentId ?? '', 1), 'names the agent'],
    ['agent.firstName', lacksName(agent?.firstName), 'is the first name of the agent (CRPA L111-2)'],
    ['agent.lastName', lacksName(agent?.lastName), 'is the last name of the agent (CRPA L111-2)'],
    ['agent.capacity', !hasWords(agent?.capacity ?? '', 3), 'says in which capacity the agent acts (CRPA L111-2)'],
    ['procedures', procedures.length === 0 || !isSet(procedures), 'names one procedure or more, each once'],
    ['procedures', !procedures.every(isProcedure), 'names procedures that were published here'],
    [
      'outcomes',
      given.length === 0 || !isSet(given) || !given.every((each) => outcomeName(each)),
      'names one outcome or more, each once',
    ],
    ['toDay', toDay < fromDay, 'is not before fromDay'],
    ['toDay', toDay < day, 'is today or later'],
    ['toDay', toDay >= dayAfterTerm(fromDay, longest), 'is within six years of fromDay'],
    ['legalReference', !hasWords(legalReference, 10), 'names the act that delegates, and where it was published'],
  ]
  const fault = faults.find(([, isWrong]) => isWrong)
  return fault && { field: fault[0], what: fault[2] }
}

/** Whether a delegation lets its agent sign this on a day. What ended covers nothing, from the moment of its end. */
export const covers = (delegation: Delegation, { procedure, outcome }: ToBeSigned, day: string): boolean =>
  delegation.endedAtMs === 0 &&
  delegation.fromDay <= day &&
  day <= delegation.toDay &&
  delegation.procedures.includes(procedure) &&
  delegation.outcomes.includes(outcome)
