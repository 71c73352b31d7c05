import { z } from 'zod'
import { applicationAnswered, applicationChannel, entriesGiven, factsGiven, handGiven } from './application-schemas.js'
import { applicationChannelOf, applicationIn, entriesOf, factsOf, handOf } from './application-views.js'
import { concernedSubject } from './concerned-subject.js'
import { msOf } from './list-query.js'
import { operation } from './operation.js'
import { name, subjectId } from './schemas.js'

export const submitApplication = operation({
  id: 'submitApplication',
  method: 'POST',
  path: '/v1/applications',
  summary:
    'Deposits an application, whatever is missing from it; it is acknowledged at once and nobody is asked anything',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    subject: subjectId.optional(),
    procedure: name,
    channel: applicationChannel.default('online'),
    depositedAt: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'When it came, by post for instance; never ahead. A person’s own is always now.' }),
    entries: entriesGiven.default({}),
    facts: factsGiven.default({}),
    language: z.enum(['fr', 'en']),
    appealedDecisionId: z.uuid().optional().meta({ description: 'The decision that is appealed against.' }),
    by: handGiven.optional(),
  }),
  responses: { 201: { description: 'Deposited, with its receipt.', schema: applicationAnswered } },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'SUBJECT_UNKNOWN', 'PROCEDURE_UNKNOWN', 'APPLICATION_NOT_TAKEN'] as const),
    ...(['APPLICATION_INVALID', 'FACT_INVALID', 'DECISION_UNKNOWN', 'APPLICATION_LIMIT_REACHED'] as const),
  ],
  handle: async ({ body, caller, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.applications.submitApplication(
      {
        subject: concernedSubject(body.subject, caller()),
        procedure: body.procedure,
        channel: applicationChannelOf[body.channel],
        depositedAtMs: msOf(body.depositedAt),
        entries: entriesOf(body.entries),
        facts: factsOf(body.facts),
        language: body.language,
        appealedDecisionId: body.appealedDecisionId ?? '',
        by: handOf(body.by),
      },
      { deadline, accessToken, idempotencyKey },
    )
    return { status: 201, body: { application: applicationIn(answer) } }
  },
})
