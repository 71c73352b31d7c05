import { type Served, served } from '@unefois/chassis/service'
import { CallbackServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { listCallbacks } from '../rpc/list-callbacks.js'
import { recordCall } from '../rpc/record-call.js'
import { requestCallback } from '../rpc/request-callback.js'
import type { CallbackNeeds } from './callback-plan.js'

/** A further contract of the appointments service. */
export const callbackService = (needs: CallbackNeeds): Served =>
  served(CallbackServiceDefinition, {
    requestCallback: requestCallback(needs),
    listCallbacks: listCallbacks(needs),
    recordCall: recordCall(needs),
  })
