import type { PlainRpc } from '@unefois/chassis/rpc'
import type { Asking, CheckNeedRequest, CheckNeedResponse } from '@unefois/proto/gen/unefois/documents/v1/re_asks'
import { z } from 'zod'
import { type NeedNeeds, needsOf } from '../re-asks.js'
import { askingField, toNeeds } from './asking.js'

export const checkNeed = (needs: NeedNeeds): PlainRpc<CheckNeedRequest, CheckNeedResponse> => ({
  request: z.object({ asking: askingField }),
  handle: async ({ asking }, call) => ({
    needs: toNeeds(await needsOf(needs, needs.runtime.postgres, asking as Asking, call)),
  }),
})
