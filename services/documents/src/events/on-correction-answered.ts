import { type Consumer, readEvent } from '@unefois/chassis/inbox'
import { CorrectionAnswered } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import type { ReportingNeeds } from '../correction-needs.js'
import { answerField, answerOf } from '../rpc/correction-view.js'

type Needs = Pick<ReportingNeeds, 'runtime' | 'correctionReports'>

const said = z.object({ correctionId: z.uuid(), exchangeId: z.uuid(), outcome: answerField })

/** A past recipient answers a correction; only the one that was told is heard, and its first answer stands. */
export const onCorrectionAnswered = ({ runtime, correctionReports }: Needs): Consumer => ({
  isSender: (caller) => caller.kind === 'member' && caller.service === 'documents',
  apply: async (received, tx) => {
    const [requester = ''] = received.sender.split('/')
    const event = readEvent(CorrectionAnswered, received)
    const outcome = said.safeParse(event).success ? answerOf(event.outcome) : undefined
    const isKept =
      outcome !== undefined &&
      (await correctionReports.answer(
        tx,
        { correctionId: event.correctionId, exchangeId: event.exchangeId, requester },
        { outcome, answeredAtMs: Math.floor(runtime.clock.nowMs()) },
      ))
    if (!isKept) runtime.log.warn({ member: requester }, 'an answer to a correction was ignored: none was told so')
  },
})
