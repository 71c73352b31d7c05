import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { assessedPerson, personAssessed, plannedFacts, plannedFactsView } from './assessment-views.js'
import { noRelease, release } from './eligibility-schemas.js'
import { noReleaseView, releaseView } from './eligibility-views.js'
import { operation } from './operation.js'

export const planAssessment = operation({
  id: 'planAssessment',
  method: 'POST',
  path: '/v1/eligibility/assessment-plans',
  summary: 'What a rule still needs about a person, and who could tell it, in which mode; nobody is asked anything',
  kinds: ['agency'],
  body: z.strictObject(assessedPerson),
  responses: {
    200: {
      description: 'What is missing, in the order that decides soonest; or that no rule is in force on the day.',
      schema: z.union([z.strictObject({ release, facts: plannedFacts }), z.strictObject({ noRelease })]),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'PROCEDURE_UNKNOWN', 'BENEFIT_UNKNOWN', 'FACT_INVALID'],
  handle: async ({ body, caller, accessToken, deadline }, { neighbours }) => {
    const { outcome } = await neighbours.eligibility.planAssessment(personAssessed(body, caller()), {
      deadline,
      accessToken,
    })
    if (outcome?.$case === 'noRelease') return { body: { noRelease: noReleaseView(outcome.value) } }
    const plan = outcome?.value
    if (!plan?.release) throw new MeshError('INTERNAL', { cause: 'a plan without an outcome' })
    return { body: { release: releaseView(plan.release), facts: plannedFactsView(plan) } }
  },
})
