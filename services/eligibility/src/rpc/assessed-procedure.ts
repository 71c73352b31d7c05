import { parisDay } from '@unefois/chassis/clock'
import type { Call } from '@unefois/chassis/rpc'
import type { NoRelease } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { MeshError } from '@unefois/proto/reasons'
import type { EligibilityContext } from '../context.js'
import { readProcedure } from '../read-procedure.js'
import type { ReadRelease } from '../rule-book.js'
import { inForceOn } from './in-force.js'

type Needs = Pick<EligibilityContext, 'runtime' | 'book' | 'procedures'>

interface Asked {
  readonly subject: string
  readonly procedure: string
  readonly day: string
}

/** A rule, and the purposes for which its procedure may ask other members. */
export interface AssessedProcedure extends ReadRelease {
  readonly purposes: readonly string[]
}

type Found = AssessedProcedure | { readonly noRelease: NoRelease }

/**
 * The rule of a procedure for a day (Europe/Paris, YYYY-MM-DD). Errors: PROCEDURE_UNKNOWN, BENEFIT_UNKNOWN for a procedure
 * without a rule.
 */
export const ruleOfProcedure = async (
  { book, procedures }: Pick<Needs, 'book' | 'procedures'>,
  procedure: string,
  day: string,
): Promise<Found> => {
  const published = await procedures.get(procedure)
  if (!published) throw new MeshError('PROCEDURE_UNKNOWN')
  const read = readProcedure(published.source)
  if (!('value' in read)) throw new Error(`procedure ${procedure} can no longer be read: ${JSON.stringify(read)}`)
  const { benefit, purposes } = read.value
  if (benefit === undefined) throw new MeshError('BENEFIT_UNKNOWN')
  const found = await inForceOn(book, benefit, day)
  return 'noRelease' in found ? found : { ...found, purposes }
}

/** The rule for a day, or for today. Errors: CALLER_NOT_ALLOWED for a person who names another, and those of `ruleOfProcedure`. */
export const assessedProcedure = async (
  needs: Needs,
  { subject, procedure, day }: Asked,
  { caller }: Call,
): Promise<Found> => {
  if (caller.kind === 'person' && caller.subject !== subject) throw new MeshError('CALLER_NOT_ALLOWED')
  return ruleOfProcedure(needs, procedure, day || parisDay(needs.runtime.clock))
}
