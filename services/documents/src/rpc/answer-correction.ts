import type { EffectRpc } from '@unefois/chassis/rpc'
import {
  type AnswerCorrectionRequest,
  type AnswerCorrectionResponse,
  CorrectionAnswered,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { HearingNeeds } from '../correction-needs.js'
import { answerField, answerOf } from './correction-view.js'

type Needs = Pick<HearingNeeds, 'runtime' | 'receivedCorrections'>

/** Errors: CORRECTION_UNKNOWN, CORRECTION_ANSWERED for another answer than the one that stands. */
export const answerCorrection = ({
  runtime,
  receivedCorrections,
}: Needs): EffectRpc<AnswerCorrectionRequest, AnswerCorrectionResponse> => ({
  request: z.object({ correctionId: z.uuid(), outcome: answerField }),
  effect: async (request, _call, tx) => {
    const found = await receivedCorrections.lock(tx, request.correctionId)
    if (!found) throw new MeshError('CORRECTION_UNKNOWN')
    const outcome = answerOf(request.outcome) ?? 'not-concerned'
    if (found.outcome === outcome) return { answeredAtMs: found.answeredAtMs }
    if (found.outcome) throw new MeshError('CORRECTION_ANSWERED')
    const answeredAtMs = Math.floor(runtime.clock.nowMs())
    await receivedCorrections.answer(tx, found.correctionId, outcome, answeredAtMs)
    const { toldId: correctionId, exchangeId } = found
    await runtime.outbox.add(tx, [
      {
        receiver: `${found.provider}/documents`,
        topic: 'correction-answers',
        type: 'documents.correction-answered.v1',
        data: CorrectionAnswered.encode({ correctionId, exchangeId, outcome: request.outcome }).finish(),
      },
    ])
    return { answeredAtMs }
  },
})
