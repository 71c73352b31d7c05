import type { DeclarationAnswer } from '@unefois/proto/gen/unefois/documents/v1/declarations'
import { z } from 'zod'
import { operation } from './operation.js'
import { instant } from './schemas.js'
import { instantOf } from './views.js'

const words = z.string().min(10).max(2000)
const answeredBy = z.string().max(200).default('').meta({
  description: 'First name, last name and capacity of the agent (CRPA L111-2); empty where no agent answered.',
})
const accepted = z.strictObject({
  outcome: z.literal('accepted'),
  words: z.string().max(2000).default('').meta({ description: 'What changes and from when, in plain words.' }),
  answeredBy,
})
const needsMore = z.strictObject({
  outcome: z.literal('needs-more'),
  what: words.meta({ description: 'What is missing, in plain words.' }),
  until: z.iso.datetime({ offset: true }).meta({ description: 'At least a day, at most a year ahead.' }),
  answeredBy,
})
const notConcerned = z.strictObject({
  outcome: z.literal('not-concerned'),
  reasons: words.meta({ description: 'Why, in plain words.' }),
  answeredBy,
})
const answer = z.discriminatedUnion('outcome', [accepted, needsMore, notConcerned])

const answerOf = (given: z.infer<typeof answer>): DeclarationAnswer['answer'] => {
  switch (given.outcome) {
    case 'accepted':
      return { $case: 'accepted', value: { words: given.words } }
    case 'needs-more':
      return { $case: 'needsMore', value: { what: given.what, untilMs: Date.parse(given.until) } }
    case 'not-concerned':
      return { $case: 'notConcerned', value: { reasons: given.reasons } }
  }
}

export const answerDeclaration = operation({
  id: 'answerDeclaration',
  method: 'POST',
  path: '/v1/declarations/{id}/answer',
  summary: 'Answers a declaration: accepted, needs more until a day, or not concerned',
  kinds: ['agency'],
  hasEffect: true,
  params: z.strictObject({ id: z.uuid() }),
  body: answer,
  responses: {
    200: {
      description: 'Answered; the person sees it at the portal. The record is its receipt in the exchange log.',
      schema: z.strictObject({ answeredAt: instant, recordId: z.string() }),
    },
  },
  refusals: ['DECLARATION_UNKNOWN', 'DECLARATION_ANSWERED', 'DECLARATION_DEADLINE_RUNNING', 'CALLER_NOT_ALLOWED'],
  handle: async ({ params, body, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    const { answeredAtMs, recordId } = await neighbours.declarations.answerDeclaration(
      { declarationId: params.id, answer: { answer: answerOf(body), answeredBy: body.answeredBy } },
      { deadline, accessToken, idempotencyKey },
    )
    return { body: { answeredAt: instantOf(answeredAtMs), recordId } }
  },
})
