import type { PlainRpc } from '@unefois/chassis/rpc'
import {
  type ListMemberQuestionsRequest,
  type ListMemberQuestionsResponse,
  type Match,
  QuestionState,
  type Question as WireQuestion,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { z } from 'zod'
import { requireMember } from '../calling-member.js'
import type { Decision, Question } from '../domain/question.js'
import { livingEntry } from '../living-entry.js'
import type { Pseudonyms } from '../pseudonyms.js'
import { pageOf, pageSizeField, pageSizeOf, positionOf, questionTokenField } from '../question-page.js'
import type { AuthorityStores } from '../store/authority-stores.js'
import { questionStateField } from './list-questions.js'

interface Needs {
  readonly stores: Pick<AuthorityStores, 'questions' | 'register'>
  readonly pseudonyms: Pseudonyms
}

const matchOf = async ({ stores, pseudonyms }: Needs, member: string, { person }: Decision): Promise<Match> => {
  const entry = person === undefined ? undefined : await livingEntry(stores.register, person)
  return entry && !entry.isSplit
    ? { answer: { $case: 'subject', value: pseudonyms.of(entry.person, member) } }
    : { answer: { $case: 'different', value: {} } }
}

const shown = async (needs: Needs, { id, member, pivot, askedAtMs, decision }: Question): Promise<WireQuestion> => ({
  questionId: id,
  state: decision ? QuestionState.QUESTION_STATE_DECIDED : QuestionState.QUESTION_STATE_OPEN,
  pivot,
  askedAtMs,
  ...(decision && { match: await matchOf(needs, member, decision) }),
  decidedAtMs: decision?.atMs ?? 0,
})

/** Shows a member what it asked, and never whom the register has. */
export const listMemberQuestions = (
  needs: Needs,
): PlainRpc<ListMemberQuestionsRequest, ListMemberQuestionsResponse> => ({
  request: z.object({ state: questionStateField, pageSize: pageSizeField, pageToken: questionTokenField }),
  handle: async ({ state, pageSize, pageToken }, { caller }) => {
    const size = pageSizeOf(pageSize)
    const found = await needs.stores.questions.list({
      member: requireMember(caller),
      ...(state !== QuestionState.QUESTION_STATE_UNSPECIFIED && {
        isDecided: state === QuestionState.QUESTION_STATE_DECIDED,
      }),
      after: positionOf(pageToken),
      most: size + 1,
    })
    const { page, nextPageToken } = pageOf(found, size)
    return { questions: await Promise.all(page.map((each) => shown(needs, each))), nextPageToken }
  },
})
