import type { EffectRpc } from '@unefois/chassis/rpc'
import type {
  RecordOppositionRequest,
  RecordOppositionResponse,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { purpose, subject } from './fields.js'
import { type OpposingNeeds, oppose } from './oppose.js'

/** Errors: CALLER_NOT_ALLOWED for a person who names another, PURPOSE_NOT_AUTHORISED. */
export const recordOpposition = (
  needs: OpposingNeeds,
): EffectRpc<RecordOppositionRequest, RecordOppositionResponse> => ({
  request: z.object({ subject, purpose }),
  effect: async (request, { caller }, tx) => {
    if (caller.kind === 'person' && caller.subject !== request.subject) throw new MeshError('CALLER_NOT_ALLOWED')
    return oppose(needs, tx, { subject: request.subject, purpose: request.purpose })
  },
})
