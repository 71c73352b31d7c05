import { randomUUID } from 'node:crypto'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type {
  RequestCallbackRequest,
  RequestCallbackResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { isSubjectId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { appointmentEvent } from '../appointment/events.js'
import { invalid } from '../appointment/refusals.js'
import { knownType } from '../booking/chosen-meeting.js'
import { handBehind, requireMandate, wayOf } from '../booking/party.js'
import { callbackDeletedAfterMs, isTelephone, mostOpenCallbacks } from '../domain/callback.js'
import { type CallbackNeeds, planCallback } from '../walk-ins/callback-plan.js'
import { callbackViews } from '../walk-ins/callback-view.js'
import { by, calendarId, mandate, orEmpty } from './appointment-fields.js'

/**
 * Errors: CALLER_NOT_ALLOWED for a person who names another, SERVICE_TYPE_UNKNOWN, PLACE_UNKNOWN, PLACE_CLOSED where nobody is there
 * for this as far as the calendar reaches, APPOINTMENT_LIMIT_REACHED for what a person does by their own hand, MANDATE_MISSING and MANDATE_ENDED for a
 * helper, APPOINTMENT_INVALID naming the field.
 */
export const requestCallback = (needs: CallbackNeeds): EffectRpc<RequestCallbackRequest, RequestCallbackResponse> => ({
  request: z.object({
    subject: z.string().refine(isSubjectId, 'not a pseudonym'),
    serviceTypeId: calendarId,
    placeId: orEmpty(calendarId),
    telephone: z.string().max(40),
    about: z.string().max(500),
    language: z.enum(['fr', 'en']),
    by,
    mandate,
  }),
  effect: async (request, call, tx) => {
    const { runtime, book, callbacks } = needs
    const { subject, serviceTypeId, placeId, telephone, about, language } = request
    const { caller } = call
    if (caller.kind === 'person' && caller.subject !== subject) throw new MeshError('CALLER_NOT_ALLOWED')
    const hand = handBehind(call, request.by, ['agent', 'helper'])
    if (!isTelephone(telephone)) throw invalid({ field: 'telephone', what: 'is a telephone number as +33612345678' })
    const calendar = await book.current(tx)
    const type = knownType(calendar, serviceTypeId)
    requireMandate(needs, wayOf(hand), request.mandate, type)
    if (placeId !== '' && !calendar.places.has(placeId)) throw new MeshError('PLACE_UNKNOWN')

    const isByPerson = caller.kind === 'person'
    await callbacks.lockCounts(tx)
    if (isByPerson && (await callbacks.countOpen(tx, subject)) >= mostOpenCallbacks)
      throw new MeshError('APPOINTMENT_LIMIT_REACHED', {
        detail: `You wait for ${mostOpenCallbacks} calls already.`,
        facts: { callbacks: String(mostOpenCallbacks) },
      })
    const nowMs = Math.floor(runtime.clock.nowMs())
    const plan = await planCallback(needs, tx, calendar, { type, placeId, nowMs })
    if (!plan) throw new MeshError('PLACE_CLOSED')
    const kept = await callbacks.insert(tx, {
      ...plan,
      callbackId: randomUUID(),
      ...{ subject, serviceTypeId, isByPerson },
      state: 'open',
      tries: 0,
      deleteAfterMs: callbackDeletedAfterMs(plan.dueAtMs, type),
      said: { telephone, about, language, requestedAtMs: nowMs },
    })
    await runtime.outbox.add(tx, [appointmentEvent('callbackRequested', kept.callbackId, nowMs)])
    const [callback] = await callbackViews(needs, calendar, [kept], call, tx)
    return { callback }
  },
})
