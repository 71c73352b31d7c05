import type { Caller } from '@unefois/chassis/caller'
import { MeshError } from '@unefois/proto/reasons'
import type { DecisionReading } from '../decision-needs.js'
import type { StoredDecision } from '../store/decisions.js'

/** A decision for this caller: a person's own only. Error: DECISION_UNKNOWN. */
export const ownDecision = async (
  { decisions }: Pick<DecisionReading, 'decisions'>,
  decisionId: string,
  caller: Caller,
): Promise<StoredDecision> => {
  const found = await decisions.get(decisionId, caller.kind === 'person' ? caller.subject : undefined)
  if (!found) throw new MeshError('DECISION_UNKNOWN')
  return found
}
