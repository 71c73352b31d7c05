import { parisDay } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { SimulateRequest, SimulateResponse } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { z } from 'zod'
import type { EligibilityContext } from '../context.js'
import { factsOf, givenFacts, language, languageOf } from './facts-given.js'
import { day, name, orEmpty } from './fields.js'
import { findingView } from './finding-view.js'
import { inForceOn } from './in-force.js'

type Needs = Pick<EligibilityContext, 'runtime' | 'book'>

/** Errors: BENEFIT_UNKNOWN, FACT_INVALID naming the fact, never its value. */
export const simulate = ({ runtime, book }: Needs): PlainRpc<SimulateRequest, SimulateResponse> => ({
  request: z.object({ benefit: name, day: orEmpty(day), facts: givenFacts, language }),
  handle: async (request) => {
    const found = await inForceOn(book, request.benefit, request.day || parisDay(runtime.clock))
    if ('noRelease' in found) return { outcome: { $case: 'noRelease', value: found.noRelease } }
    const facts = factsOf(found.release, request.facts)
    const finding = findingView(book, found, facts, languageOf(request.language))
    return { outcome: { $case: 'finding', value: finding } }
  },
})
