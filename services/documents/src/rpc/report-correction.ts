import type { EffectRpc } from '@unefois/chassis/rpc'
import type {
  ReportCorrectionRequest,
  ReportCorrectionResponse,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ReportingNeeds } from '../correction-needs.js'
import { correct, wrongVersions } from './correct.js'
import { evidenceType, subject } from './fields.js'

/** Errors: EVIDENCE_UNKNOWN for a version that was never declared, EVIDENCE_SUPERSEDED. */
export const reportCorrection = (
  needs: ReportingNeeds,
): EffectRpc<ReportCorrectionRequest, ReportCorrectionResponse> => ({
  request: z.object({ subject, evidenceType, versions: wrongVersions }),
  effect: async (request, _call, tx) => {
    const { versions } = request
    if (!versions) throw new MeshError('REQUEST_INVALID', { facts: { field: 'versions' } })
    return correct(needs, tx, { subject: request.subject, evidenceType: request.evidenceType }, versions)
  },
})
