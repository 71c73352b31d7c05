import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { application, applicationNamed, factsGiven } from './application-schemas.js'
import { applicationIn, factsOf } from './application-views.js'
import { givenBasis } from './assessment-views.js'
import { finding, noRelease } from './eligibility-schemas.js'
import { findingView, noReleaseView } from './eligibility-views.js'
import { operation } from './operation.js'
import { subjectId } from './schemas.js'

export const examineApplication = operation({
  id: 'examineApplication',
  method: 'POST',
  path: '/v1/applications/{id}/examinations',
  summary:
    'Asks those for whom a basis is given what the procedure still needs; what was told is kept in the file of the application',
  kinds: ['agency'],
  hasEffect: true,
  params: applicationNamed,
  body: z.strictObject({
    bases: z.array(givenBasis).max(20).default([]).meta({ description: 'Of whom what is missing may be asked.' }),
    relatedSubject: subjectId.optional().meta({ description: 'The second person that a predicate is about.' }),
    ownRecords: factsGiven
      .default({})
      .meta({ description: 'What the agency’s own register says of the facts of the rule; never by a person.' }),
  }),
  responses: {
    200: {
      description: 'The application, and what the rule finds; a finding is no decision by itself.',
      schema: z.strictObject({
        application,
        found: z.union([
          z.strictObject({ finding }),
          z.strictObject({ noRelease }),
          z.strictObject({ withoutRule: z.literal(true) }),
        ]),
      }),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'APPLICATION_UNKNOWN', 'APPLICATION_ENDED', 'FACT_INVALID'],
  handle: async ({ params, body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.applications.examineApplication(
      {
        applicationId: params.id,
        bases: body.bases,
        relatedSubject: body.relatedSubject ?? '',
        ownRecords: factsOf(body.ownRecords),
      },
      { deadline, accessToken, idempotencyKey },
    )
    const examined = applicationIn(answer)
    const { outcome } = answer
    if (outcome?.$case === 'withoutRule') return { body: { application: examined, found: { withoutRule: true } } }
    if (outcome?.$case === 'noRelease')
      return { body: { application: examined, found: { noRelease: noReleaseView(outcome.value) } } }
    const view = outcome && findingView(outcome.value)
    if (!view) throw new MeshError('INTERNAL', { cause: 'an examination without an outcome' })
    return { body: { application: examined, found: { finding: view } } }
  },
})
