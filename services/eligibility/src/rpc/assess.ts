import type { PlainRpc } from '@unefois/chassis/rpc'
import type { AssessRequest, AssessResponse, FactUsed } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { z } from 'zod'
import type { EligibilityContext } from '../context.js'
import { gather } from '../gather.js'
import { assessedProcedure } from './assessed-procedure.js'
import { bases, subject } from './evidence-fields.js'
import { factsOf, factView, givenFacts, language, languageOf } from './facts-given.js'
import { day, name, orEmpty } from './fields.js'
import { findingView } from './finding-view.js'
import { toldView } from './told-view.js'

type Needs = Pick<EligibilityContext, 'runtime' | 'book' | 'procedures' | 'documents'>

const nothing = { provider: '', exchangeId: '', version: 0, asOfMs: 0 }

/** Errors: CALLER_NOT_ALLOWED, PROCEDURE_UNKNOWN, BENEFIT_UNKNOWN, FACT_INVALID; what a member refuses is told, not thrown. */
export const assess = (needs: Needs): PlainRpc<AssessRequest, AssessResponse> => ({
  request: z.object({
    subject,
    procedure: name,
    day: orEmpty(day),
    facts: givenFacts,
    bases,
    relatedSubject: orEmpty(subject),
    language,
  }),
  handle: async (request, call) => {
    const found = await assessedProcedure(needs, request, call)
    if ('noRelease' in found) return { outcome: { $case: 'noRelease', value: found.noRelease } }
    const declared = factsOf(found.release, request.facts)
    const { facts, told, notObtained } = await gather(needs, found, found.purposes, declared, request, call)
    const used: FactUsed[] = [
      ...[...declared].map(([each, known]) => ({ ...nothing, fact: factView(each, known), isSelfDeclared: true })),
      ...told.map(toldView),
    ]
    const finding = findingView(needs.book, found, facts, languageOf(request.language))
    return { outcome: { $case: 'assessment', value: { finding, used, notObtained: [...notObtained] } } }
  },
})
