import { PageTokens } from '@unefois/chassis/page-token'
import type { PlainRpc } from '@unefois/chassis/rpc'
import {
  Application,
  ApplicationState,
  type ListApplicationsRequest,
  type ListApplicationsResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'

import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { applicationView, procedureOf } from '../application-changes.js'
import type { ApplicationNeeds } from '../application-needs.js'
import { subject as named } from './evidence-fields.js'
import { day, name, orEmpty } from './fields.js'

const usualSize = 20
const mostSize = 100
/** What fits, sealed and encoded, into one message of 256 kB with room to spare. */
const mostPageBytes = 180_000

const positionIn = (text: string): number => {
  if (!/^\d{0,15}$/.test(text)) throw new MeshError('PAGE_TOKEN_MISMATCH')
  return Number(text)
}

/** The first that fit together; always the first of all, or a list would never go on. */
const fitting = (applications: readonly Application[]): readonly Application[] => {
  let bytes = 0
  const tooMany = applications.findIndex((each, index) => {
    bytes += Application.encode(each).finish().length
    return bytes > mostPageBytes && index > 0
  })
  return tooMany < 0 ? applications : applications.slice(0, tooMany)
}

/** Errors: CALLER_NOT_ALLOWED for a person who does not name themselves, PAGE_TOKEN_MISMATCH. */
export const listApplications = (
  needs: ApplicationNeeds,
): PlainRpc<ListApplicationsRequest, ListApplicationsResponse> => ({
  request: z.object({
    subject: orEmpty(named),
    state: z.number().int().min(0).max(ApplicationState.APPLICATION_STATE_WITHDRAWN),
    procedure: orEmpty(name),
    dueByDay: orEmpty(day),
    pageSize: z.number().int().min(0).max(mostSize),
    pageToken: z.string().max(200),
  }),
  handle: async (request, call) => {
    const { subject, state, procedure, dueByDay } = request
    if (call.caller.kind === 'person' && call.caller.subject !== subject) throw new MeshError('CALLER_NOT_ALLOWED')
    const tokens = new PageTokens('applications', { subject, state, procedure, dueByDay })
    const limit = request.pageSize || usualSize
    const wanted = {
      subject: subject || undefined,
      state: state === ApplicationState.APPLICATION_STATE_UNSPECIFIED ? undefined : state,
      procedure: procedure || undefined,
      dueByDay: dueByDay || undefined,
    }
    const found = await needs.applications.list(positionIn(tokens.positionIn(request.pageToken)), wanted, limit)
    const views: Application[] = []
    for (const kept of found.applications)
      views.push(applicationView(needs, kept, await procedureOf(needs, kept), call))
    const shown = fitting(views)
    const upTo = shown.length < views.length ? shown.at(-1)?.position : found.read === limit ? found.upTo : undefined
    return { applications: [...shown], nextPageToken: tokens.after(upTo) }
  },
})
