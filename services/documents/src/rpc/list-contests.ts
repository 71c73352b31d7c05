import { PageTokens, requireKnown } from '@unefois/chassis/page-token'
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
import {
  contestPageSize,
  filteredPositionToken,
  openedAtOnce,
  pageSizeOf,
  readMatching,
  sinceMs,
  usualContests,
} from './pages.js'

type Needs = Pick<ContestNeeds, 'runtime' | 'contests'> & Pick<ReportingNeeds, 'correctionReports'>

/** Which contests are asked for, in the agency's list and in the person's own. */
export const contestFilters = {
  state: z
    .number()
    .refine((state) => state === ContestState.CONTEST_STATE_UNSPECIFIED || stateOf(state as ContestState), 'no state'),
  evidenceType: z.string().max(64),
  sinceMs,
}

/** Error: FILTER_UNKNOWN for an evidence type that is none. */
export const requireKnownType = (
  { runtime }: Pick<Needs, 'runtime'>,
  { evidenceType }: { readonly evidenceType: string },
): void => {
  const { evidenceTypes } = runtime.federation.current.claims
  requireKnown(
    'evidence_type',
    evidenceType,
    evidenceTypes.map(({ id }) => id),
  )
}

/** Errors: FILTER_UNKNOWN, PAGE_TOKEN_MISMATCH. */
export const listContests = (needs: Needs): PlainRpc<ListContestsRequest, ListContestsResponse> => ({
  request: z.object({ ...contestFilters, pageSize: contestPageSize, pageToken: filteredPositionToken }),
  handle: async ({ state, evidenceType, sinceMs, pageSize, pageToken }) => {
    const { runtime, contests, correctionReports } = needs
    requireKnownType(needs, { evidenceType })
    const tokens = new PageTokens('contests', { state, evidenceType, sinceMs })
    const limit = pageSizeOf(pageSize, usualContests)
    const from = Number(tokens.positionIn(pageToken))
    const found = await readMatching(
      async (after, atOnce) => {
        const { contests: items, upTo, read } = await contests.after(after ?? 0, stateOf(state), atOnce, sinceMs)
        return { items, upTo, isEnd: read < atOnce }
      },
      (one) => evidenceType === '' || one.evidenceType === evidenceType,
      ({ position }) => position,
      { from, limit, atOnce: evidenceType === '' ? limit : openedAtOnce },
    )
    const reports = await correctionReports.reports(found.items.map(({ reportId }) => reportId))
    const federation = runtime.federation.current
    const views = found.items.map((one) => toContest(one, reports.get(one.reportId), federation))
    const shown = fitting(views, bytesOfContest)
    const upTo = shown.length < views.length ? found.items[shown.length - 1]?.position : found.upTo
    return { contests: [...shown], nextPageToken: upTo ? tokens.after(upTo) : pageToken }
  },
})
