import type { Transaction } from '@unefois/chassis/postgres'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type { AnswerContestRequest, AnswerContestResponse } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ContestNeeds, ReportingNeeds } from '../correction-needs.js'
import { isWrong, type Wrong } from '../domain/correction.js'
import type { StoredContest } from '../store/contests.js'
import { correct, wrongVersions } from './correct.js'

type Needs = ReportingNeeds & Pick<ContestNeeds, 'contests'>

/** Long enough to say something, short enough for a page of answers. */
const words = z
  .string()
  .max(2000)
  .refine((text) => text.trim().length >= 20, 'has fewer than 20 characters')

const answers = z.discriminatedUnion('$case', [
  z.object({ $case: z.literal('corrected'), value: wrongVersions }),
  z.object({ $case: z.literal('upheld'), value: z.object({ reasons: words, remedies: words }) }),
])

const openContest = async ({ contests }: Needs, tx: Transaction, contestId: string): Promise<StoredContest> => {
  const contest = await contests.lock(tx, contestId)
  if (!contest) throw new MeshError('CONTEST_UNKNOWN')
  if (contest.state !== 'open') throw new MeshError('CONTEST_ANSWERED')
  return contest
}

/** The correction that a contest leads to; it covers the version that was contested. */
const correctContested = async (
  needs: Needs,
  tx: Transaction,
  { subject, evidenceType, version }: StoredContest,
  versions: Wrong,
): Promise<string> => {
  if (!isWrong(versions, version))
    throw new MeshError('REQUEST_INVALID', {
      detail: 'The contested version is not among those that were wrong.',
      facts: { field: 'answer.value.lastVersion' },
    })
  const { reportId } = await correct(needs, tx, { subject, evidenceType }, versions)
  return reportId
}

/** Errors: CONTEST_UNKNOWN, CONTEST_ANSWERED, and those of a correction. */
export const answerContest = (needs: Needs): EffectRpc<AnswerContestRequest, AnswerContestResponse> => ({
  request: z.object({ contestId: z.uuid(), answer: answers }),
  effect: async ({ contestId, answer }, _call, tx) => {
    const contest = await openContest(needs, tx, contestId)
    const answeredAtMs = Math.floor(needs.runtime.clock.nowMs())
    if (answer?.$case === 'corrected') {
      const reportId = await correctContested(needs, tx, contest, answer.value)
      await needs.contests.answer(tx, contest, { state: 'corrected', upheld: undefined, reportId, answeredAtMs })
      return { answeredAtMs, reportId }
    }
    if (!answer) throw new MeshError('REQUEST_INVALID', { facts: { field: 'answer' } })
    const { reasons, remedies } = answer.value
    const upheld = { reasons, remedies, routes: [] }
    await needs.contests.answer(tx, contest, { state: 'upheld', upheld, reportId: '', answeredAtMs })
    return { answeredAtMs, reportId: '' }
  },
})
