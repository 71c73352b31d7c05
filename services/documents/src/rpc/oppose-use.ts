import type { PlainRpc } from '@unefois/chassis/rpc'
import type { OpposeUseRequest, OpposeUseResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { basis, purpose, token } from './fields.js'
import { type OpposingNeeds, oppose } from './oppose.js'
import { openPortalTicket } from './portal-ticket.js'

type Needs = OpposingNeeds & Pick<DocumentsContext, 'tickets'>

export const opposeUse = (needs: Needs): PlainRpc<OpposeUseRequest, OpposeUseResponse> => ({
  request: z.object({ ticket: token, basisId: basis, purpose }),
  handle: async (request, call) => {
    const { postgres, outbox } = needs.runtime
    const { sub: subject } = openPortalTicket(needs, request, call)
    const kept = await postgres.transaction((tx) => oppose(needs, tx, { subject, purpose: request.purpose }))
    outbox.wake()
    return kept
  },
})
