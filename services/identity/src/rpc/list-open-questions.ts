import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ListOpenQuestionsRequest,
  ListOpenQuestionsResponse,
  OpenQuestion,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { z } from 'zod'
import type { Question } from '../domain/question.js'
import { pageOf, pageSizeField, pageSizeOf, positionOf, questionTokenField } from '../question-page.js'
import type { AuthorityStores } from '../store/authority-stores.js'

interface Needs {
  readonly stores: Pick<AuthorityStores, 'questions'>
}

export const openQuestion = ({ id, member, pivot, askedAtMs }: Question): OpenQuestion => ({
  questionId: id,
  member,
  pivot,
  askedAtMs,
})

/** The queue of the authority's staff. */
export const listOpenQuestions = ({
  stores,
}: Needs): PlainRpc<ListOpenQuestionsRequest, ListOpenQuestionsResponse> => ({
  request: z.object({ pageSize: pageSizeField, pageToken: questionTokenField }),
  handle: async ({ pageSize, pageToken }) => {
    const size = pageSizeOf(pageSize)
    const found = await stores.questions.list({ isDecided: false, after: positionOf(pageToken), most: size + 1 })
    const { page, nextPageToken } = pageOf(found, size)
    return { questions: page.map(openQuestion), nextPageToken }
  },
})
