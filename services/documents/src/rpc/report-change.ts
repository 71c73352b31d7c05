import type { EffectRpc } from '@unefois/chassis/rpc'
import type { ReportChangeRequest, ReportChangeResponse } from '@unefois/proto/gen/unefois/documents/v1/changes'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ChangeNeeds } from '../change-service.js'
import { evidenceType, subject } from './fields.js'

/** Errors: EVIDENCE_TYPE_UNKNOWN, REQUEST_INVALID for evidence that is declared here, which says by itself that it changed. */
export const reportChange = ({
  runtime,
  holdings,
  changes,
}: Pick<ChangeNeeds, 'runtime' | 'holdings' | 'changes'>): EffectRpc<ReportChangeRequest, ReportChangeResponse> => ({
  request: z.object({ subject, evidenceType }),
  effect: async (request, _call, tx) => {
    runtime.federation.current.evidenceType(request.evidenceType)
    if (!holdings.isElsewhere(request.evidenceType))
      throw new MeshError('REQUEST_INVALID', {
        detail: 'Evidence of this type is declared, not reported.',
        facts: { field: 'evidenceType' },
      })
    await changes.reported(tx, { subject: request.subject, evidenceType: request.evidenceType })
    return {}
  },
})
