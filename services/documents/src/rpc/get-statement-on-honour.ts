import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  GetStatementOnHonourRequest,
  GetStatementOnHonourResponse,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { purpose } from './fields.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'statementsOnHonour'>

/** Errors: EXCHANGE_UNKNOWN when there is none for this caller, PURPOSE_LOCKED for another purpose. */
export const getStatementOnHonour = ({
  runtime,
  statementsOnHonour,
}: Needs): PlainRpc<GetStatementOnHonourRequest, GetStatementOnHonourResponse> => ({
  request: z.object({ statementId: z.uuid(), purpose }),
  handle: async (request, { caller }) => {
    const found = await statementsOnHonour.read(request.statementId, runtime.clock.nowMs())
    if (!found || (caller.kind === 'person' && caller.subject !== found.subject))
      throw new MeshError('EXCHANGE_UNKNOWN')
    if (found.purpose !== request.purpose) throw new MeshError('PURPOSE_LOCKED')
    return found
  },
})
