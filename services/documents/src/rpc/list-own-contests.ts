import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ListOwnContestsRequest,
  ListOwnContestsResponse,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import type { ContestNeeds, ReportingNeeds } from '../correction-needs.js'
import { fitting } from '../domain/page-budget.js'
import { bytesOfContest, toContest, toOwnContest } from './contest-view.js'
import { basis, token } from './fields.js'
import { contestPageSize, pageSizeOf, positionToken, usualContests } from './pages.js'
import { openPortalTicket } from './portal-ticket.js'

type Needs = Pick<ContestNeeds, 'runtime' | 'tickets' | 'contests'> & Pick<ReportingNeeds, 'correctionReports'>

/** Errors: those of a portal ticket. */
export const listOwnContests = (needs: Needs): PlainRpc<ListOwnContestsRequest, ListOwnContestsResponse> => ({
  request: z.object({ ticket: token, basisId: basis, pageSize: contestPageSize, pageToken: positionToken }),
  handle: async (request, call) => {
    const { runtime, contests, correctionReports } = needs
    const { sub } = openPortalTicket(needs, request, call)
    const limit = pageSizeOf(request.pageSize, usualContests)
    const found = await contests.ofSubject(sub, Number(request.pageToken) || undefined, limit)
    const reports = await correctionReports.reports(found.contests.map(({ reportId }) => reportId))
    const federation = runtime.federation.current
    const views = found.contests.map((one) => toOwnContest(toContest(one, reports.get(one.reportId), federation)))
    const shown = fitting(views, bytesOfContest)
    const isCut = shown.length < views.length
    const upTo = isCut ? found.contests[shown.length - 1]?.position : found.read === limit ? found.upTo : undefined
    return { contests: [...shown], nextPageToken: String(upTo ?? '') }
  },
})
