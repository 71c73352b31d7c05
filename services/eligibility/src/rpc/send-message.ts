import { randomUUID } from 'node:crypto'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type { SendMessageRequest, SendMessageResponse } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { z } from 'zod'
import { changeThread, handBehind, requireFits } from '../application-changes.js'
import { applicationEvent } from '../application-events.js'
import type { ApplicationNeeds } from '../application-needs.js'
import { messageSent } from '../domain/application.js'
import { applicationId, by, words } from './application-fields.js'

/** Errors: APPLICATION_UNKNOWN, APPLICATION_ENDED, APPLICATION_INVALID for a hand that is not named. */
export const sendMessage = (needs: ApplicationNeeds): EffectRpc<SendMessageRequest, SendMessageResponse> => ({
  request: z.object({ applicationId, text: words(1, 4000), by }),
  effect: async (request, call, tx) => {
    const { runtime } = needs
    const from = handBehind(call, request.by, ['agent', 'helper'])
    const atMs = Math.floor(runtime.clock.nowMs())
    const message = { messageId: randomUUID(), atMs, from, text: request.text }
    const { kept } = await changeThread(needs, tx, call, request.applicationId, (before) => {
      const after = messageSent(before, message)
      if (!('refusal' in after)) requireFits(after)
      return after
    })
    // The agency's systems know what its own agents did.
    if (from.who?.$case !== 'agent')
      await runtime.outbox.add(tx, [applicationEvent('changed', kept.application.applicationId, atMs)])
    return { message }
  },
})
