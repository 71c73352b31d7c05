import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import {
  assessedPerson,
  factsUsed,
  factsUsedView,
  givenBasis,
  notObtained,
  notObtainedView,
  personAssessed,
} from './assessment-views.js'
import { finding, noRelease } from './eligibility-schemas.js'
import { findingView, noReleaseView } from './eligibility-views.js'
import { operation } from './operation.js'
import { subjectId } from './schemas.js'

export const assess = operation({
  id: 'assess',
  method: 'POST',
  path: '/v1/eligibility/assessments',
  summary:
    'What a rule finds for a person; what is missing is asked of those for whom a basis is given, and kept by nobody',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    ...assessedPerson,
    bases: z.array(givenBasis).max(20).default([]).meta({ description: 'Of whom the missing facts may be asked.' }),
    relatedSubject: subjectId.optional().meta({ description: 'The second person that a predicate is about.' }),
  }),
  responses: {
    200: {
      description: 'The finding, on what it rests, and who did not tell; or that no rule is in force on the day.',
      schema: z.union([z.strictObject({ finding, used: factsUsed, notObtained }), z.strictObject({ noRelease })]),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'PROCEDURE_UNKNOWN', 'BENEFIT_UNKNOWN', 'FACT_INVALID'],
  handle: async ({ body, caller, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const { bases, relatedSubject = '' } = body
    const { outcome } = await neighbours.eligibility.assess(
      { ...personAssessed(body, caller()), bases, relatedSubject },
      { deadline, accessToken, idempotencyKey },
    )
    if (outcome?.$case === 'noRelease') return { body: { noRelease: noReleaseView(outcome.value) } }
    const assessment = outcome?.value
    const found = assessment?.finding && findingView(assessment.finding)
    if (!found) throw new MeshError('INTERNAL', { cause: 'an assessment without an outcome' })
    return {
      body: {
        finding: found,
        used: factsUsedView(assessment.used),
        notObtained: notObtainedView(assessment.notObtained),
      },
    }
  },
})
