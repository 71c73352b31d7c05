import { PageTokens } from '@unefois/chassis/page-token'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ListOwnContestsRequest,
  ListOwnContestsResponse,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import type { ContestNeeds, ReportingNeeds } from '../correction-needs.js'
import { fitting } from '../domain/page-budget.js'
import { bytesOfContest, stateOf, toContest, toOwnContest } from './contest-view.js'
import { basis, token } from './fields.js'
import { contestFilters, requireKnownType } from './list-contests.js'
import { openOwnView } from './own-view.js'
import {
  contestPageSize,
  filteredPositionToken,
  openedAtOnce,
  pageSizeOf,
  readMatching,
  usualContests,
} from './pages.js'

type Needs = Pick<ContestNeeds, 'runtime' | 'tickets' | 'protectedSubjects' | 'contests'> &
  Pick<ReportingNeeds, 'correctionReports'>

/** Errors: those of a portal ticket, FILTER_UNKNOWN, PAGE_TOKEN_MISMATCH. */
export const listOwnContests = (needs: Needs): PlainRpc<ListOwnContestsRequest, ListOwnContestsResponse> => ({
  request: z.object({
    ticket: token,
    basisId: basis,
    ...contestFilters,
    pageSize: contestPageSize,
    pageToken: filteredPositionToken,
  }),
  handle: async (request, call) => {
    const { runtime, contests, correctionReports } = needs
    const { sub } = await openOwnView(needs, request, call)
    requireKnownType(needs, request)
    const { state, evidenceType, sinceMs } = request
    const tokens = new PageTokens('own-contests', { state, evidenceType, sinceMs })
    const limit = pageSizeOf(request.pageSize, usualContests)
    const asked = { state: stateOf(state), sinceMs }
    const found = await readMatching(
      async (before, atOnce) => {
        const { contests: items, upTo, read } = await contests.ofSubject(sub, before, atOnce, asked)
        return { items, upTo, isEnd: read < atOnce }
      },
      (one) => evidenceType === '' || one.evidenceType === evidenceType,
      ({ position }) => position,
      {
        from: Number(tokens.positionIn(request.pageToken)) || undefined,
        limit,
        atOnce: evidenceType === '' ? limit : openedAtOnce,
      },
    )
    const reports = await correctionReports.reports(found.items.map(({ reportId }) => reportId))
    const federation = runtime.federation.current
    const views = found.items.map((one) => toOwnContest(toContest(one, reports.get(one.reportId), federation)))
    const shown = fitting(views, bytesOfContest)
    const isCut = shown.length < views.length
    const upTo = isCut ? found.items[shown.length - 1]?.position : found.isEnd ? undefined : found.upTo
    return { contests: [...shown], nextPageToken: tokens.after(upTo) }
  },
})
