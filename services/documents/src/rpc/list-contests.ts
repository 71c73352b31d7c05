import type { PlainRpc } from '@unefois/chassis/rpc'
import {
  ContestState,
  type ListContestsRequest,
  type ListContestsResponse,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import type { ContestNeeds, ReportingNeeds } from '../correction-needs.js'
import { fitting } from '../domain/page-budget.js'
import { bytesOfContest, stateOf, toContest } from './contest-view.js'
import { contestPageSize, pageSizeOf, positionToken, usualContests } from './pages.js'

type Needs = Pick<ContestNeeds, 'runtime' | 'contests'> & Pick<ReportingNeeds, 'correctionReports'>

export const listContests = ({
  runtime,
  contests,
  correctionReports,
}: Needs): PlainRpc<ListContestsRequest, ListContestsResponse> => ({
  request: z.object({
    state: z
      .number()
      .refine(
        (state) => state === ContestState.CONTEST_STATE_UNSPECIFIED || stateOf(state as ContestState),
        'no state',
      ),
    pageSize: contestPageSize,
    pageToken: positionToken,
  }),
  handle: async (request) => {
    const limit = pageSizeOf(request.pageSize, usualContests)
    const found = await contests.after(Number(request.pageToken), stateOf(request.state), limit)
    const reports = await correctionReports.reports(found.contests.map(({ reportId }) => reportId))
    const federation = runtime.federation.current
    const views = found.contests.map((one) => toContest(one, reports.get(one.reportId), federation))
    const shown = fitting(views, bytesOfContest)
    const upTo = shown.length < views.length ? found.contests[shown.length - 1]?.position : found.upTo
    return { contests: [...shown], nextPageToken: String(upTo ?? request.pageToken) }
  },
})
