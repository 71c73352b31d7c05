import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ListProceduresRequest,
  ListProceduresResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import { z } from 'zod'
import type { EligibilityContext } from '../context.js'
import { name, orEmpty, pageSize, pageSizeOf } from './fields.js'
import { procedureView } from './procedure-view.js'

type Needs = Pick<EligibilityContext, 'procedures' | 'reach'>

export const listProcedures = (needs: Needs): PlainRpc<ListProceduresRequest, ListProceduresResponse> => ({
  request: z.object({ pageSize, pageToken: orEmpty(name) }),
  handle: async (request) => {
    const limit = pageSizeOf(request.pageSize)
    const found = await needs.procedures.list(request.pageToken, limit)
    const reach = await needs.reach()
    return {
      procedures: found.map((each) => procedureView(each, reach)),
      nextPageToken: found.length < limit ? '' : (found.at(-1)?.id ?? ''),
    }
  },
})
