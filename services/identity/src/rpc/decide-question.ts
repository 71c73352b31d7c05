import type { EffectRpc } from '@unefois/chassis/rpc'
import type { Federation } from '@unefois/proto/federation'
import type {
  DecideQuestionRequest,
  DecideQuestionResponse,
  Match,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireSystem } from '../calling-member.js'
import type { Coverage } from '../domain/matching.js'
import { decisionRefusal } from '../domain/question.js'
import type { EntryChangeNeeds } from '../entry-change.js'
import { getsToKnow } from '../gets-to-know.js'
import { questionField, staffField, subjectField, whyField } from '../request-fields.js'
import { tellMembers } from '../tell-members.js'
import { tellNewcomer } from '../tell-protection.js'
import { meantBy } from './get-question.js'

interface Needs extends EntryChangeNeeds {
  readonly coverage: Coverage
  readonly federation: { readonly current: Federation }
}

const decision = z.discriminatedUnion('$case', [
  z.object({ $case: z.literal('same'), value: subjectField }),
  z.object({ $case: z.literal('nobody'), value: z.object({}) }),
])

/** Records what a human decided, once; the member that asked knows the person from then on. */
export const decideQuestion = (needs: Needs): EffectRpc<DecideQuestionRequest, DecideQuestionResponse> => ({
  request: z.object({ questionId: questionField, decision, decidedBy: staffField, why: whyField }),
  effect: async ({ questionId, decision: decided, decidedBy, why }, { caller }, tx) => {
    const clientId = requireSystem(caller)
    const stores = needs.storesOn(tx)
    const question = await stores.questions.lock(questionId)
    const candidates = question ? await meantBy({ stores, coverage: needs.coverage }, question) : []
    const seen = candidates.map(({ person }) => person)
    const isSame = decided?.$case === 'same'
    const person = isSame ? needs.pseudonyms.open(decided.value, needs.member) : undefined
    const refusal = isSame && person === undefined ? 'SUBJECT_UNKNOWN' : decisionRefusal(question, person, seen)
    if (!question || refusal) throw new MeshError(refusal ?? 'QUESTION_UNKNOWN')
    const atMs = Math.floor(needs.clock.nowMs())
    await stores.questions.decide(question.id, { person, clientId, decidedBy, why, atMs, seen })
    if (person !== undefined && getsToKnow(needs.federation.current, question.member)) {
      const newcomers = await stores.acquaintances.record([person], question.member, atMs)
      await tellNewcomer(needs, tx, stores, newcomers, question.member, atMs)
    }
    const answer: Match['answer'] =
      person === undefined
        ? { $case: 'different', value: {} }
        : { $case: 'subject', value: needs.pseudonyms.of(person, question.member) }
    await tellMembers(tx, needs.outbox, [question.member], () => ({
      $case: 'questionDecided',
      value: { questionId: question.id, match: { answer } },
    }))
    return { decidedAtMs: atMs }
  },
})
