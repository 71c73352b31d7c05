import { PageTokens } from '@unefois/chassis/page-token'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { ListCallbacksRequest, ListCallbacksResponse } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireOwnView } from '../appointment/access.js'
import { isWhereWithheld } from '../appointment/view.js'
import type { CallbackPlace } from '../store/callbacks.js'
import type { CallbackNeeds } from '../walk-ins/callback-plan.js'
import { callbackViews } from '../walk-ins/callback-view.js'
import { calendarId, momentMs, orEmpty, subject } from './appointment-fields.js'

const usualSize = 20
const mostSize = 100
const beforeAll: CallbackPlace = { dueAtMs: 0, callbackId: '00000000-0000-0000-0000-000000000000' }

const placeIn = (text: string): CallbackPlace => {
  if (text === '') return beforeAll
  const [, dueAt, callbackId = ''] = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(text) ?? []
  if (!z.uuid().safeParse(callbackId).success) throw new MeshError('PAGE_TOKEN_MISMATCH')
  return { dueAtMs: Number(dueAt), callbackId }
}

/**
 * Errors: CALLER_NOT_ALLOWED for a person who does not name themselves, ASSURANCE_TOO_LOW, PRACTITIONER_UNKNOWN, PAGE_TOKEN_MISMATCH.
 */
export const listCallbacks = (needs: CallbackNeeds): PlainRpc<ListCallbacksRequest, ListCallbacksResponse> => ({
  request: z.object({
    subject,
    practitionerId: orEmpty(calendarId),
    callbackId: orEmpty(z.uuid()),
    dueFromMs: momentMs.optional(),
    pageSize: z.number().int().min(0).max(mostSize),
    pageToken: z.string().max(200),
  }),
  handle: async (request, call) => {
    const { subject: named, practitionerId, callbackId, dueFromMs, pageSize, pageToken } = request
    if (call.caller.kind === 'person' && call.caller.subject !== named) throw new MeshError('CALLER_NOT_ALLOWED')
    await requireOwnView(needs, call)
    const calendar = await needs.book.current()
    const practitionerNo = calendar.practitioners.get(practitionerId)?.no
    if (practitionerId !== '' && practitionerNo === undefined) throw new MeshError('PRACTITIONER_UNKNOWN')
    const tokens = new PageTokens('callbacks', {
      subject: named,
      practitionerId,
      callbackId,
      dueFromMs: dueFromMs ?? 0,
    })
    // Who is to call somebody tells where they asked.
    const unprotectedAtMs = practitionerId !== '' && isWhereWithheld(call) ? needs.runtime.clock.nowMs() : undefined
    const [subject, id] = [named || undefined, callbackId || undefined]
    const wanted = { subject, practitionerNo, callbackId: id, dueFromMs, unprotectedAtMs }
    const { callbacks, upTo } = await needs.callbacks.list(
      placeIn(tokens.positionIn(pageToken)),
      wanted,
      pageSize || usualSize,
    )
    return {
      callbacks: await callbackViews(needs, calendar, callbacks, call),
      nextPageToken: tokens.after(upTo && `${upTo.dueAtMs}.${upTo.callbackId}`),
    }
  },
})
