import type { PlainRpc } from '@unefois/chassis/rpc'
import type { GetExchangeRequest, GetExchangeResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { toAccess } from './access-view.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'accesses' | 'received'>

export const getExchange = ({
  runtime,
  accesses,
  received,
}: Needs): PlainRpc<GetExchangeRequest, GetExchangeResponse> => ({
  request: z.object({ exchangeId: z.uuid() }),
  handle: async ({ exchangeId }, { caller }) => {
    const found = await accesses.exchange(exchangeId)
    const isOthers = caller.kind === 'person' && found?.opening.record.subject !== caller.subject
    if (!found || isOthers) throw new MeshError('EXCHANGE_UNKNOWN')
    const evidence = await received.read(exchangeId, runtime.clock.nowMs())
    return { access: toAccess(found), ...(evidence && { evidence }) }
  },
})
