import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  GetStatementOnHonourRequest,
  GetStatementOnHonourResponse,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { purpose } from './fields.js'
import { requireOwnView } from './own-view.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'statementsOnHonour' | 'subjects' | 'protectedSubjects'>

/**
 * Errors: EXCHANGE_UNKNOWN when there is none for this caller, PURPOSE_LOCKED for another purpose, ASSURANCE_TOO_LOW for a weak
 * login of a protected person, whose own words may tell a place.
 */
export const getStatementOnHonour = ({
  runtime,
  statementsOnHonour,
  subjects,
  protectedSubjects,
}: Needs): PlainRpc<GetStatementOnHonourRequest, GetStatementOnHonourResponse> => ({
  request: z.object({ statementId: z.uuid(), purpose }),
  handle: async (request, { caller }) => {
    const found = await statementsOnHonour.read(request.statementId, runtime.clock.nowMs())
    const isOthers = caller.kind === 'person' && !(found && (await subjects.areSame(found.subject, caller.subject)))
    if (!found || isOthers) throw new MeshError('EXCHANGE_UNKNOWN')
    if (found.purpose !== request.purpose) throw new MeshError('PURPOSE_LOCKED')
    if (caller.kind === 'person') await requireOwnView({ runtime, protectedSubjects }, found.subject, caller)
    return found
  },
})
