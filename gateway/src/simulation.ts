import type { Deadline } from '@unefois/chassis/deadline'
import type { Fact, SimulateRequest } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { MeshError } from '@unefois/proto/reasons'
import type { Neighbours } from './context.js'
import { type FindingView, findingView, type NoReleaseView, noReleaseView } from './rest/eligibility-views.js'

export type FactValue = number | boolean | string

/** A fact as the contract takes it. */
export const factOf = (name: string, value: FactValue): Fact => {
  if (typeof value === 'number') return { name, value: { $case: 'number', value } }
  if (typeof value === 'boolean') return { name, value: { $case: 'yes', value } }
  return { name, value: { $case: 'choice', value } }
}

export type Simulated = { readonly finding: FindingView } | { readonly noRelease: NoReleaseView }

/** What a rule finds, or that none is in force. Errors: BENEFIT_UNKNOWN, FACT_INVALID, UNAVAILABLE without an eligibility service. */
export const simulated = async (
  eligibility: Neighbours['eligibility'],
  request: SimulateRequest,
  deadline: Deadline,
): Promise<Simulated> => {
  const { outcome } = await eligibility.simulate(request, { deadline })
  if (outcome?.$case === 'noRelease') return { noRelease: noReleaseView(outcome.value) }
  const finding = outcome && findingView(outcome.value)
  if (!finding) throw new MeshError('INTERNAL', { cause: 'a simulation without an outcome' })
  return { finding }
}
