import { parisDay } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { SimulateRequest, SimulateResponse } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { EligibilityContext } from '../context.js'
import { type Language, languages } from '../domain/explanation.js'
import { readFacts } from '../domain/facts.js'
import { day, name, orEmpty } from './fields.js'
import { findingView } from './finding-view.js'
import { releaseView } from './release-view.js'

type Needs = Pick<EligibilityContext, 'runtime' | 'book'>

const value = z.discriminatedUnion('$case', [
  z.object({ $case: z.literal('number'), value: z.number() }),
  z.object({ $case: z.literal('yes'), value: z.boolean() }),
  z.object({ $case: z.literal('choice'), value: z.string().min(1).max(64) }),
])
const language = z.union([z.enum(languages), z.literal('')])

/** Errors: BENEFIT_UNKNOWN, FACT_INVALID naming the fact, never its value. */
export const simulate = ({ runtime, book }: Needs): PlainRpc<SimulateRequest, SimulateResponse> => ({
  request: z.object({
    benefit: name,
    day: orEmpty(day),
    facts: z.array(z.object({ name: z.string().min(1).max(100), value })).max(100),
    language,
  }),
  handle: async (request) => {
    const day = request.day || parisDay(runtime.clock)
    const found = await book.onDay(request.benefit, day)
    if (!('inForce' in found)) {
      if (!found.nearest) throw new MeshError('BENEFIT_UNKNOWN')
      return { outcome: { $case: 'noRelease', value: { day, nearest: releaseView(book, found.nearest) } } }
    }
    const given = request.facts.flatMap((fact) => (fact.value ? [[fact.name, fact.value.value] as const] : []))
    const facts = readFacts(found.inForce.release, given)
    if ('what' in facts)
      throw new MeshError('FACT_INVALID', {
        detail: `${facts.fact} ${facts.what}.`.trimStart(),
        facts: { field: facts.fact },
      })
    const finding = findingView(book, found.inForce, facts, (request.language || 'fr') as Language)
    return { outcome: { $case: 'finding', value: finding } }
  },
})
