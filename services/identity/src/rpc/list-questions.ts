import type { PlainRpc } from '@unefois/chassis/rpc'
import {
  type ListQuestionsRequest,
  type ListQuestionsResponse,
  QuestionState,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { z } from 'zod'
import type { AuthorityClient } from '../authority-client.js'
import { pageSizeField, questionTokenField } from '../question-page.js'

interface Needs {
  readonly authority: AuthorityClient
}

export const questionStateField = z.union([
  z.literal(QuestionState.QUESTION_STATE_UNSPECIFIED),
  z.literal(QuestionState.QUESTION_STATE_OPEN),
  z.literal(QuestionState.QUESTION_STATE_DECIDED),
])

/** Lists the agency's own questions to a human. */
export const listQuestions = ({ authority }: Needs): PlainRpc<ListQuestionsRequest, ListQuestionsResponse> => ({
  request: z.object({ state: questionStateField, pageSize: pageSizeField, pageToken: questionTokenField }),
  handle: async ({ state, pageSize, pageToken }, { deadline }) =>
    authority().listMemberQuestions({ state, pageSize, pageToken }, { deadline }),
})
