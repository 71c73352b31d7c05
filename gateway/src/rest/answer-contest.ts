import type { AnswerContestRequest } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import { wrongVersions } from './correction-schemas.js'
import { operation } from './operation.js'
import { instant, opaqueId } from './schemas.js'
import { instantOf } from './views.js'

const words = z.string().min(20).max(2000)
const corrected = z.strictObject({ outcome: z.literal('corrected'), versions: wrongVersions })
const upheld = z.strictObject({
  outcome: z.literal('upheld'),
  reasons: words.meta({ description: 'Why the evidence stays as it is, in plain words for the person.' }),
  remedies: words.meta({ description: 'Which remedies are open, where, until when.' }),
})
const answer = z.discriminatedUnion('outcome', [corrected, upheld])

const answerOf = (given: z.infer<typeof answer>): AnswerContestRequest['answer'] =>
  given.outcome === 'corrected'
    ? { $case: 'corrected', value: given.versions }
    : { $case: 'upheld', value: { reasons: given.reasons, remedies: given.remedies, routes: [] } }

export const answerContest = operation({
  id: 'answerContest',
  method: 'POST',
  path: '/v1/contests/{id}/answer',
  summary: 'Ends a contest: corrected, which tells every past recipient, or upheld, with reasons and remedies',
  kinds: ['agency'],
  hasEffect: true,
  params: z.strictObject({ id: opaqueId }),
  body: answer,
  responses: {
    200: {
      description: 'Answered; the person sees it at the portal.',
      schema: z.strictObject({ answeredAt: instant, reportId: z.string().nullable() }),
    },
  },
  refusals: ['CONTEST_UNKNOWN', 'CONTEST_ANSWERED', 'EVIDENCE_UNKNOWN', 'EVIDENCE_SUPERSEDED', 'CALLER_NOT_ALLOWED'],
  handle: async ({ params, body, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    const { answeredAtMs, reportId } = await neighbours.corrections.answerContest(
      { contestId: params.id, answer: answerOf(body) },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { answeredAt: instantOf(answeredAtMs), reportId: reportId || null } }
  },
})
