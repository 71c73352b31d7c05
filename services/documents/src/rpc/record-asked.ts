import type { EffectRpc } from '@unefois/chassis/rpc'
import type { Asking, RecordAskedRequest, RecordAskedResponse } from '@unefois/proto/gen/unefois/documents/v1/re_asks'
import { z } from 'zod'
import { type CountingNeeds, countAsked, needsOf } from '../re-asks.js'
import { askingField, toNeeds } from './asking.js'

export const recordAsked = (needs: CountingNeeds): EffectRpc<RecordAskedRequest, RecordAskedResponse> => ({
  request: z.object({ asking: askingField }),
  effect: async (request, call, tx) => {
    const asking = request.asking as Asking
    const found = await needsOf(needs, tx, asking, call)
    await countAsked(needs, tx, asking, found)
    return { needs: toNeeds(found) }
  },
})
