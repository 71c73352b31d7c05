import { type Assessed, assessed, factsOf } from '../assessed.js'
import type { PlannedAssessment } from './script.js'
import type { Stage } from './stage.js'

export interface Entitled extends Assessed {
  /** Whether the member has a rule for today; without one it decides nothing, and the day of the script is told. */
  readonly hasRuleToday: boolean
}

/** A member works out somebody's right from what another one tells on this basis, and what it knows itself. */
export const entitled = async (
  stage: Stage,
  { member, provider, purpose, procedure, day, known }: PlannedAssessment,
  key: string,
  basisId: string,
): Promise<Entitled> => {
  const { say } = stage
  const system = stage.system(member)
  const asked = {
    ...{ subject: stage.subject(member, key), procedure, facts: factsOf(known), relatedSubject: '', language: 'en' },
    bases: [{ provider, purpose, basisId }],
  }
  const today = await assessed(system, { ...asked, day: '' })
  if (!today) say(`  The ${stage.nameOf(member)} has no rule for today, says so, and decides nothing. On ${day}:`)
  const found = today ?? (await assessed(system, { ...asked, day }))
  if (!found) throw new Error(`${member} has no rule for ${procedure} on ${day}`)
  say(`  The ${stage.nameOf(member)} finds: ${found.answer}${found.gives.map((each) => `, ${each}`).join('')}.`)
  for (const sentence of found.because) say(`  · ${sentence}`)
  return { ...found, hasRuleToday: today !== undefined }
}
