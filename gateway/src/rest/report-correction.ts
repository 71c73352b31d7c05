import { z } from 'zod'
import { wrongVersions } from './correction-schemas.js'
import { operation } from './operation.js'
import { name, subjectId } from './schemas.js'

export const reportCorrection = operation({
  id: 'reportCorrection',
  method: 'POST',
  path: '/v1/corrections',
  summary: 'Says that versions of evidence were wrong; every agency that received one of them is told',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({ subject: subjectId, evidenceType: name, versions: wrongVersions }),
  responses: {
    201: {
      description: 'Reported; those who received it are being told.',
      schema: z.strictObject({
        reportId: z.string(),
        exchanges: z.number().int().meta({ description: 'Past exchanges in which a wrong version was released.' }),
        withdrawnInVersion: z.number().int().nullable(),
      }),
    },
  },
  refusals: ['EVIDENCE_UNKNOWN', 'EVIDENCE_SUPERSEDED', 'CALLER_NOT_ALLOWED'],
  handle: async ({ body, deadline, accessToken, idempotencyKey }, { neighbours }) => {
    const { reportId, exchanges, withdrawnInVersion } = await neighbours.corrections.reportCorrection(body, {
      deadline,
      accessToken,
      idempotencyKey,
    })
    return {
      status: 201,
      headers: { location: `/v1/correction-reports/${encodeURIComponent(reportId)}` },
      body: { reportId, exchanges, withdrawnInVersion: withdrawnInVersion || null },
    }
  },
})
