import type { EffectRpc } from '@unefois/chassis/rpc'
import type { RecordCallRequest, RecordCallResponse } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { appointmentEvent } from '../appointment/events.js'
import { handBehind } from '../booking/party.js'
import { afterCall, callbackDeletedAfterMs } from '../domain/callback.js'
import type { CallbackNeeds } from '../walk-ins/callback-plan.js'
import { callbackViews } from '../walk-ins/callback-view.js'
import { by } from './appointment-fields.js'

/** Errors: CALLBACK_UNKNOWN, CALLBACK_ENDED; APPOINTMENT_INVALID for a hand that is no agent's or not whole. */
export const recordCall = (needs: CallbackNeeds): EffectRpc<RecordCallRequest, RecordCallResponse> => ({
  request: z.object({ callbackId: z.uuid(), isReached: z.boolean(), by }),
  effect: async ({ callbackId, isReached, by: named }, call, tx) => {
    const { runtime, book, callbacks } = needs
    const calledBy = named && handBehind(call, named, ['agent'])
    const before = await callbacks.lock(tx, callbackId)
    if (!before) throw new MeshError('CALLBACK_UNKNOWN')
    if (before.state !== 'open') throw new MeshError('CALLBACK_ENDED')
    const calendar = await book.current(tx)
    const type = calendar.serviceTypes.get(before.serviceTypeId)
    const tried = { ...before, ...afterCall(before, isReached) }
    const nowMs = Math.floor(runtime.clock.nowMs())
    const isOver = tried.state !== 'open'
    const deleteAfterMs = isOver ? callbackDeletedAfterMs(nowMs, type) : before.deleteAfterMs
    const said = { ...before.said, calledBy, endedAtMs: isOver ? nowMs : undefined }
    const after = { ...tried, deleteAfterMs, said }
    await callbacks.saveTried(tx, after)
    if (after.state === 'not-reached')
      await runtime.outbox.add(tx, [appointmentEvent('callbackNotReached', callbackId, nowMs)])
    const [callback] = await callbackViews(needs, calendar, [after], call, tx)
    return { callback }
  },
})
