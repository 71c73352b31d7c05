import type { PlainRpc } from '@unefois/chassis/rpc'
import type { GetProcedureRequest, GetProcedureResponse } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { EligibilityContext } from '../context.js'
import { name } from './fields.js'
import { procedureView } from './procedure-view.js'

type Needs = Pick<EligibilityContext, 'procedures' | 'reach'>

/** Error: PROCEDURE_UNKNOWN. */
export const getProcedure = (needs: Needs): PlainRpc<GetProcedureRequest, GetProcedureResponse> => ({
  request: z.object({ id: name }),
  handle: async ({ id }) => {
    const published = await needs.procedures.get(id)
    if (!published) throw new MeshError('PROCEDURE_UNKNOWN')
    return { procedure: procedureView(published, await needs.reach()) }
  },
})
