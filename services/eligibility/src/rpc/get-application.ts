import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  GetApplicationRequest,
  GetApplicationResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { z } from 'zod'
import { applicationFor, applicationView, procedureOf } from '../application-changes.js'
import type { ApplicationNeeds } from '../application-needs.js'
import { applicationId } from './application-fields.js'

/** Error: APPLICATION_UNKNOWN, for a person also of another's. */
export const getApplication = (needs: ApplicationNeeds): PlainRpc<GetApplicationRequest, GetApplicationResponse> => ({
  request: z.object({ applicationId }),
  handle: async (request, call) => {
    const kept = await applicationFor(needs, call, request.applicationId)
    return { application: applicationView(needs, kept, await procedureOf(needs, kept), call) }
  },
})
