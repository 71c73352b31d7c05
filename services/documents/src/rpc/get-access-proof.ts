import type { PlainRpc } from '@unefois/chassis/rpc'
import type { GetAccessProofRequest, GetAccessProofResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { readProof } from '../store/proofs.js'
import { basis, token } from './fields.js'
import { openOwnView } from './own-view.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'tickets' | 'protectedSubjects' | 'accesses' | 'sequencer'>

export const getAccessProof = (needs: Needs): PlainRpc<GetAccessProofRequest, GetAccessProofResponse> => ({
  request: z.object({ ticket: token, basisId: basis, recordId: z.uuid() }),
  handle: async (request, call) => {
    const { sub } = await openOwnView(needs, request, call)
    const stored = await needs.accesses.record(sub, request.recordId)
    if (!stored) throw new MeshError('EXCHANGE_UNKNOWN')
    await needs.sequencer.settled()
    const proof = await readProof(needs.runtime.postgres, request.recordId)
    if (!proof) throw new MeshError('UNAVAILABLE', { detail: 'The record has no place in the log yet.' })
    return { record: stored.bytes, salt: stored.salt, ...proof }
  },
})
