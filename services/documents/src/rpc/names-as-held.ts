import type { Deadline } from '@unefois/chassis/deadline'
import type { DocumentsContext } from '../context.js'
import type { AskedPredicate, Holding } from '../domain/evidence.js'

/**
 * The second people of predicates as the evidence names them: it may have been declared under a pseudonym that has changed
 * since. Nobody is asked where the evidence names them as they are asked about.
 */
export const namesAsHeld = async (
  { subjects }: Pick<DocumentsContext, 'subjects'>,
  holding: Holding,
  predicates: readonly AskedPredicate[],
  deadline: Deadline,
): Promise<readonly AskedPredicate[]> => {
  if (holding.kind !== 'found') return predicates
  const held = [...new Set(holding.evidence.related.map(({ subject }) => subject))]
  const strange = predicates.flatMap(({ argument }) => (argument && !held.includes(argument) ? argument : []))
  if (held.length === 0 || strange.length === 0) return predicates
  await subjects.ready(held, deadline, 'keep')
  const standing = await subjects.standing([...held, ...strange])
  const heldAs = new Map(held.map((each, at) => [standing[at], each]))
  const named = new Map(strange.map((each, at) => [each, heldAs.get(standing[held.length + at])]))
  return predicates.map(({ id, argument }) => ({ id, argument: (argument && named.get(argument)) || argument }))
}
