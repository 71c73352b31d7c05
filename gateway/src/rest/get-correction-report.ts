import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { toldCorrection, wrongVersions } from './correction-schemas.js'
import { toldView } from './correction-views.js'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'
import { instant, opaqueId } from './schemas.js'
import { instantOf } from './views.js'

export const getCorrectionReport = operation({
  id: 'getCorrectionReport',
  method: 'GET',
  path: '/v1/correction-reports/{id}',
  summary: 'Whom a correction was told, and what each of them answered',
  kinds: ['agency'],
  params: z.strictObject({ id: opaqueId }),
  query: listQuery({}),
  responses: {
    200: {
      description: 'The report.',
      schema: z.strictObject({
        subject: z.string(),
        evidenceType: z.string(),
        versions: wrongVersions,
        reportedAt: instant,
        told: z.array(toldCorrection),
        nextPageToken: z.string().nullable(),
      }),
    },
  },
  refusals: ['CORRECTION_UNKNOWN', 'CALLER_NOT_ALLOWED'],
  handle: async ({ params, query, deadline, accessToken }, { neighbours }) => {
    const found = await neighbours.corrections.getCorrectionReport(
      { reportId: params.id, ...pageOf(query) },
      { deadline, accessToken },
    )
    const { subject, evidenceType, versions, reportedAtMs, told, nextPageToken } = found
    if (!versions) throw new MeshError('CORRECTION_UNKNOWN')
    return {
      body: {
        subject,
        evidenceType,
        versions,
        reportedAt: instantOf(reportedAtMs),
        told: told.map(toldView),
        nextPageToken: nextPageToken || null,
      },
    }
  },
})
