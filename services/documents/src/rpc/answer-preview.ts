import { randomUUID } from 'node:crypto'
import { nowSeconds } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import {
  type AnswerPreviewRequest,
  type AnswerPreviewResponse,
  PreviewAnswer,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { type ExchangeRecord, refusedOutcome } from '../domain/exchange-record.js'
import { answerValidityMs } from '../domain/preview.js'
import { basis, evidenceType, member, purpose, token } from './fields.js'
import { openOwnView } from './own-view.js'
import { relayOf } from './relay.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'tickets' | 'protectedSubjects' | 'previewedReleases'>

const answers = new Map<PreviewAnswer, 'confirmed' | 'declined'>([
  [PreviewAnswer.PREVIEW_ANSWER_CONFIRMED, 'confirmed'],
  [PreviewAnswer.PREVIEW_ANSWER_DECLINED, 'declined'],
])

/** The no to a preview, as the person finds it among the uses of their data; the exchange is one of its own. */
const declinedRecord = (
  { runtime }: Needs,
  request: AnswerPreviewRequest,
  subject: string,
  atMs: number,
): ExchangeRecord => ({
  record_id: randomUUID(),
  exchange_id: randomUUID(),
  member: runtime.member,
  counterparty: request.requester,
  subject,
  evidence_type: request.evidenceType,
  relay: relayOf(runtime.federation.current, request.evidenceType),
  purpose: request.purpose,
  procedure: request.purpose,
  mode: 'explicit-request',
  basis: request.requestedBasisId,
  at_ms: atMs,
  ...refusedOutcome('PREVIEW_DECLINED'),
})

/** Errors: those of a portal ticket, PURPOSE_NOT_AUTHORISED where no authorisation in this mode is in force. */
export const answerPreview = (needs: Needs): PlainRpc<AnswerPreviewRequest, AnswerPreviewResponse> => ({
  request: z.object({
    ticket: token,
    basisId: basis,
    requester: member,
    evidenceType,
    purpose,
    requestedBasisId: basis,
    answer: z.number().refine((answer) => answers.has(answer as PreviewAnswer), 'not an answer'),
    evidenceVersion: z.number().int().nonnegative(),
  }),
  handle: async (request, call) => {
    const { runtime, previewedReleases } = needs
    const { sub: subject } = await openOwnView(needs, request, call)
    const { requester, evidenceType: type, purpose: purposeId, requestedBasisId, evidenceVersion } = request
    const authorisation = runtime.federation.current.authorisation(
      { requester, provider: runtime.member, evidenceType: type, purpose: purposeId },
      nowSeconds(runtime.clock),
    )
    if (authorisation.mode !== 'explicit-request') throw new MeshError('PURPOSE_NOT_AUTHORISED')
    const nowMs = Math.floor(runtime.clock.nowMs())
    const validUntilMs = nowMs + answerValidityMs
    await previewedReleases.answer(
      { subject, requester, purpose: purposeId, evidenceType: type, basisId: requestedBasisId },
      {
        answer: answers.get(request.answer) ?? 'declined',
        evidenceVersion,
        authorisation: authorisation.id,
        validUntilMs,
      },
      declinedRecord(needs, request, subject, nowMs),
    )
    return { validUntilMs }
  },
})
