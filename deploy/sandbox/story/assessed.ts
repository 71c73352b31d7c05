import {
  Answer,
  type AssessRequest,
  EligibilityServiceDefinition,
  type Fact,
  type FactUsed,
  type Finding,
} from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type { AgencySystem } from '../agency-system.js'

/** What a rule found for somebody, as far as a story tells it. */
export interface Assessed {
  readonly answer: 'yes' | 'no' | 'unknown'
  /** What evidence told, by the names of the facts. */
  readonly told: Readonly<Record<string, unknown>>
  /** Who told it. */
  readonly from: readonly string[]
  /** What is still not known. */
  readonly missing: readonly string[]
  /** What the rule gives, in words. */
  readonly gives: readonly string[]
  readonly because: readonly string[]
}

/** What an agency already knows, as facts. */
export const factsOf = (known: Readonly<Record<string, boolean>>): Fact[] =>
  Object.entries(known).map(([name, value]) => ({ name, value: { $case: 'yes', value } }))

const answers = {
  [Answer.ANSWER_YES]: 'yes',
  [Answer.ANSWER_NO]: 'no',
} as const

const answerOf = ({ answer }: Finding): Assessed['answer'] => answers[answer as keyof typeof answers] ?? 'unknown'

/** An agency's own software has somebody's right worked out; undefined where no rule is in force on the day. */
export const assessed = async (system: AgencySystem, request: AssessRequest): Promise<Assessed | undefined> => {
  const { outcome } = await system
    .service('eligibility', EligibilityServiceDefinition)
    .assess(request, await system.call('eligibility:assess evidence:request'))
  if (outcome?.$case === 'noRelease') return undefined
  const finding = outcome?.value.finding
  if (!finding) throw new Error(`nothing was assessed: ${JSON.stringify(outcome)}`)
  return assessedFrom(finding, outcome.value.used)
}

/** What a rule found, and with which evidence of others. */
export const assessedFrom = (finding: Finding, used: readonly FactUsed[]): Assessed => {
  const told = used.filter(({ isSelfDeclared, exchangeId }) => !isSelfDeclared && exchangeId !== '')
  return {
    answer: answerOf(finding),
    told: Object.fromEntries(told.map(({ fact }) => [fact?.name ?? '', fact?.value?.value])),
    from: [...new Set(told.map(({ provider }) => provider))],
    missing: finding.missing.map(({ name }) => name),
    gives: finding.gives.map(({ title, text }) => `${title}: ${text}`),
    because: finding.explanation?.conditions.map(({ sentence }) => sentence) ?? [],
  }
}
