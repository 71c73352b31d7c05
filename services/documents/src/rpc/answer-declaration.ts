import type { EffectRpc } from '@unefois/chassis/rpc'
import { saidAnswer } from '@unefois/proto/declaration-said'
import type {
  AnswerDeclarationRequest,
  AnswerDeclarationResponse,
  DeclarationAnswer,
} from '@unefois/proto/gen/unefois/documents/v1/declarations'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DeclarationNeeds } from '../declaration-needs.js'
import { answerRefusal, isDeadline, mostAskedForMore } from '../domain/declaration.js'
import type { StoredDeclaration } from '../store/declarations.js'
import { receiptRecord, standingOf, stateAfter } from './declaration-view.js'

/** Long enough to say something, short enough for a page of answers. */
const words = z
  .string()
  .max(2000)
  .refine((text) => text.trim().length >= 10, 'has fewer than 10 characters')

const answers = z.discriminatedUnion('$case', [
  z.object({ $case: z.literal('accepted'), value: z.object({ words: z.string().max(2000) }) }),
  z.object({
    $case: z.literal('needsMore'),
    value: z.object({ what: words, untilMs: z.number().int().positive() }),
  }),
  z.object({ $case: z.literal('notConcerned'), value: z.object({ reasons: words }) }),
])

type Given = NonNullable<DeclarationAnswer['answer']>

const requireDeadline = (answer: Given, nowMs: number): void => {
  if (answer.$case === 'needsMore' && !isDeadline(answer.value.untilMs, nowMs))
    throw new MeshError('REQUEST_INVALID', {
      detail: 'What is missing is asked for until a moment that is at least a day and at most a year ahead.',
      facts: { field: 'answer.answer.value.untilMs' },
    })
}

const requireNotAskedTooOften = (answer: Given, { said }: StoredDeclaration): void => {
  const asked = said.steps.filter(({ step }) => step?.$case === 'answer')
  if (answer.$case === 'needsMore' && asked.length >= mostAskedForMore)
    throw new MeshError('REQUEST_INVALID', {
      detail: `More was asked for ${mostAskedForMore} times: accept the declaration, or say why it is not concerned.`,
      facts: { field: 'answer.answer' },
    })
}

/** Errors: DECLARATION_UNKNOWN, DECLARATION_ANSWERED, DECLARATION_DEADLINE_RUNNING. */
export const answerDeclaration = (
  needs: DeclarationNeeds,
): EffectRpc<AnswerDeclarationRequest, AnswerDeclarationResponse> => ({
  request: z.object({
    declarationId: z.uuid(),
    answer: z.object({ answer: answers, answeredBy: z.string().max(200) }),
  }),
  effect: async ({ declarationId, answer }, _call, tx) => {
    const { runtime, declarations } = needs
    if (!answer?.answer) throw new MeshError('REQUEST_INVALID', { facts: { field: 'answer' } })
    const nowMs = Math.floor(runtime.clock.nowMs())
    requireDeadline(answer.answer, nowMs)
    const known = await declarations.lock(tx, declarationId.toLowerCase())
    if (!known) throw new MeshError('DECLARATION_UNKNOWN')
    const state = stateAfter[answer.answer.$case]
    const refusal = answerRefusal(standingOf(known), state, nowMs)
    if (refusal) throw new MeshError(refusal)
    requireNotAskedTooOften(answer.answer, known)
    const given = { $case: 'answer' as const, value: answer }
    const record = receiptRecord({
      member: runtime.member,
      // Nobody but this member takes part in an answer.
      counterparty: runtime.member,
      subject: known.subject,
      declarationId: known.declarationId,
      kind: known.kind,
      textVersion: known.said.textVersion,
      outcome: state,
      fields: [],
      said: saidAnswer(given) ?? {},
      atMs: nowMs,
    })
    const step = { atMs: nowMs, recordId: record.record_id, step: given }
    const said = { ...known.said, steps: [...known.said.steps, step] }
    await declarations.take(tx, { ...known, state, said, record })
    return { answeredAtMs: nowMs, recordId: record.record_id }
  },
})
