import type { EffectRpc } from '@unefois/chassis/rpc'
import type {
  WithdrawApplicationRequest,
  WithdrawApplicationResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { z } from 'zod'
import { applicationView, changeApplication, handBehind } from '../application-changes.js'
import { applicationEvent } from '../application-events.js'
import type { ApplicationNeeds } from '../application-needs.js'
import { withdrawn } from '../domain/application.js'
import { applicationId, by } from './application-fields.js'

/** Errors: APPLICATION_UNKNOWN, APPLICATION_ENDED, APPLICATION_INVALID for a hand that is not named. */
export const withdrawApplication = (
  needs: ApplicationNeeds,
): EffectRpc<WithdrawApplicationRequest, WithdrawApplicationResponse> => ({
  request: z.object({ applicationId, by }),
  effect: async (request, call, tx) => {
    const { runtime } = needs
    handBehind(call, request.by, ['agent', 'helper'])
    const { kept, procedure } = await changeApplication(needs, tx, call, request.applicationId, withdrawn)
    const event = applicationEvent('changed', kept.application.applicationId, Math.floor(runtime.clock.nowMs()))
    await runtime.outbox.add(tx, [event])
    return { application: applicationView(needs, kept, procedure, call) }
  },
})
