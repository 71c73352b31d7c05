import type { Federation } from '@unefois/proto/federation'
import { Contest, ContestState, type Upheld } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import type { ContestState as State } from '../domain/contest.js'
import type { StoredContest } from '../store/contests.js'
import type { Report } from '../store/correction-reports.js'

const states = {
  open: ContestState.CONTEST_STATE_OPEN,
  corrected: ContestState.CONTEST_STATE_CORRECTED,
  upheld: ContestState.CONTEST_STATE_UPHELD,
} as const satisfies Record<State, ContestState>

/** A state as it arrived; undefined for unspecified and for one that this version does not know. */
export const stateOf = (state: ContestState): State | undefined =>
  (Object.keys(states) as State[]).find((each) => states[each] === state)

/** Where a human is to be reached about this type; nowhere when the federation has the type no more. */
const routesOf = (federation: Federation, evidenceType: string): Upheld['routes'] =>
  federation.claims.evidenceTypes
    .filter(({ id }) => id === evidenceType)
    .flatMap(({ routes }) => routes)
    .map(({ kind, text }) => ({ kind, textFr: text.fr, textEn: text.en }))

/** A contest as the agency's system reads it. */
export const toContest = (
  { position: _, upheld, ...contest }: StoredContest,
  report: Report | undefined,
  federation: Federation,
): Contest => ({
  ...contest,
  state: states[contest.state],
  ...(upheld && { upheld: { ...upheld, routes: routesOf(federation, contest.evidenceType) } }),
  ...(report && {
    corrected: {
      firstVersion: report.firstVersion,
      lastVersion: report.lastVersion,
      correctedVersion: report.correctedVersion,
    },
  }),
})

/** The same as its person reads it: without what is the agency's own. */
export const toOwnContest = (contest: Contest): Contest => ({ ...contest, subject: '', reportId: '' })

export const bytesOfContest = (contest: Contest): number => Contest.encode(contest).finish().length
