import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  GetQuestionRequest,
  GetQuestionResponse,
  RegisterCandidate,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { MemberId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { type Candidate, type Coverage, doubtsOf, matchAmong } from '../domain/matching.js'
import type { PersonId } from '../domain/person.js'
import type { Decision, Question } from '../domain/question.js'
import type { Pseudonyms } from '../pseudonyms.js'
import { questionField } from '../request-fields.js'
import type { AuthorityStores } from '../store/authority-stores.js'
import { openQuestion } from './list-open-questions.js'

interface Needs {
  readonly member: MemberId
  readonly stores: Pick<AuthorityStores, 'questions' | 'register'>
  readonly pseudonyms: Pseudonyms
  readonly coverage: Coverage
}

/** Whom a human must choose between: those who could be meant now. */
export const meantBy = async (
  { stores, coverage }: Pick<Needs, 'stores' | 'coverage'>,
  { pivot }: Question,
): Promise<Candidate[]> => {
  const candidates = await stores.register.candidates(pivot)
  const matching = matchAmong(pivot, candidates, coverage)
  if (matching.kind === 'different') return []
  const meant: readonly PersonId[] = matching.kind === 'same' ? [matching.person] : matching.candidates
  return candidates.filter(({ person }) => meant.includes(person))
}

const decisionOf = ({ person, clientId, decidedBy, why, atMs }: Decision, name: (person: PersonId) => string) => ({
  subject: person === undefined ? '' : name(person),
  clientId,
  decidedBy,
  why,
  decidedAtMs: atMs,
})

/** Shows the authority's staff a question beside the entries of the register, under the authority's own pseudonyms. */
export const getQuestion = (needs: Needs): PlainRpc<GetQuestionRequest, GetQuestionResponse> => ({
  request: z.object({ questionId: questionField }),
  handle: async ({ questionId }) => {
    const question = await needs.stores.questions.find(questionId)
    if (!question) throw new MeshError('QUESTION_UNKNOWN')
    const name = (person: PersonId): string => needs.pseudonyms.of(person, needs.member)
    const candidates = (await meantBy(needs, question)).map(
      ({ person, pivot, former, isDeceased }): RegisterCandidate => ({
        subject: name(person),
        pivot,
        former: [...former],
        isDeceased,
        doubts: [...doubtsOf(question.pivot, pivot)],
      }),
    )
    const { decision } = question
    return { question: openQuestion(question), candidates, ...(decision && { decision: decisionOf(decision, name) }) }
  },
})
