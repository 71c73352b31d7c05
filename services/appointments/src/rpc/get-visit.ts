import type { PlainRpc } from '@unefois/chassis/rpc'
import type { GetVisitRequest, GetVisitResponse } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { z } from 'zod'
import type { VisitNeeds } from '../visits/needs.js'
import { requireOwnVisit, visitView } from '../visits/view.js'

/** Errors: VISIT_UNKNOWN, also for another person's; ASSURANCE_TOO_LOW. */
export const getVisit = (needs: VisitNeeds): PlainRpc<GetVisitRequest, GetVisitResponse> => ({
  request: z.object({ visitId: z.uuid() }),
  handle: async ({ visitId }, call) => {
    const visit = await requireOwnVisit(needs, call, await needs.visits.get(visitId))
    return { visit: await visitView(needs, visit, call) }
  },
})
