import { PageTokens } from '@unefois/chassis/page-token'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { ListWaitingRequest, ListWaitingResponse } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireOwnView } from '../appointment/access.js'
import type { WaitingNeeds } from '../waiting/needs.js'
import { waitingViews } from '../waiting/view.js'
import { calendarId, orEmpty, subject } from './appointment-fields.js'

const usualSize = 20
const mostSize = 100

const positionIn = (text: string): number => {
  if (!/^\d{0,15}$/.test(text)) throw new MeshError('PAGE_TOKEN_MISMATCH')
  return Number(text)
}

/** Errors: CALLER_NOT_ALLOWED for a person who does not name themselves, ASSURANCE_TOO_LOW, PAGE_TOKEN_MISMATCH. */
export const listWaiting = (needs: WaitingNeeds): PlainRpc<ListWaitingRequest, ListWaitingResponse> => ({
  request: z.object({
    subject,
    serviceTypeId: orEmpty(calendarId),
    pageSize: z.number().int().min(0).max(mostSize),
    pageToken: z.string().max(200),
  }),
  handle: async ({ subject: named, serviceTypeId, pageSize, pageToken }, call) => {
    if (call.caller.kind === 'person' && call.caller.subject !== named) throw new MeshError('CALLER_NOT_ALLOWED')
    await requireOwnView(needs, call)
    const tokens = new PageTokens('waiting', { subject: named, serviceTypeId })
    const wanted = { subject: named || undefined, serviceTypeId: serviceTypeId || undefined }
    const after = positionIn(tokens.positionIn(pageToken))
    const { waiting, upTo } = await needs.waiting.list(after, wanted, pageSize || usualSize)
    return { waiting: await waitingViews(needs, waiting, call), nextPageToken: tokens.after(upTo) }
  },
})
