import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  GetCorrectionReportRequest,
  GetCorrectionReportResponse,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ReportingNeeds } from '../correction-needs.js'
import { toOutcome } from './correction-view.js'
import { pageSize, pageSizeOf } from './pages.js'

type Needs = Pick<ReportingNeeds, 'correctionReports'>

/** Error: CORRECTION_UNKNOWN. */
export const getCorrectionReport = ({
  correctionReports,
}: Needs): PlainRpc<GetCorrectionReportRequest, GetCorrectionReportResponse> => ({
  request: z.object({ reportId: z.uuid(), pageSize, pageToken: z.union([z.uuid(), z.literal('')]) }),
  handle: async (request) => {
    const limit = pageSizeOf(request.pageSize)
    const report = await correctionReports.report(request.reportId)
    if (!report) throw new MeshError('CORRECTION_UNKNOWN')
    const told = await correctionReports.told(report.reportId, request.pageToken || undefined, limit)
    const last = told.length === limit ? told.at(-1) : undefined
    const { subject, evidenceType, firstVersion, lastVersion, correctedVersion, reportedAtMs } = report
    return {
      subject,
      evidenceType,
      versions: { firstVersion, lastVersion, correctedVersion },
      reportedAtMs,
      told: told.map(({ correctionId: _, outcome, ...one }) => ({ ...one, outcome: toOutcome(outcome) })),
      nextPageToken: last?.correctionId ?? '',
    }
  },
})
