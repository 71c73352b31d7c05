import type { Fact } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { type Language, languages } from '../domain/explanation.js'
import { readFacts } from '../domain/facts.js'
import type { Facts, FactValue, RuleRelease } from '../domain/release.js'

const value = z.discriminatedUnion('$case', [
  z.object({ $case: z.literal('number'), value: z.number() }),
  z.object({ $case: z.literal('yes'), value: z.boolean() }),
  z.object({ $case: z.literal('choice'), value: z.string().min(1).max(64) }),
])

/** How facts must look in a request. */
export const givenFacts = z.array(z.object({ name: z.string().min(1).max(100), value })).max(100)
export const language = z.union([z.enum(languages), z.literal('')])
/** French is the language of the law. */
export const languageOf = (asked: string): Language => (asked || 'fr') as Language

/** The facts of a request, as the rule asks for them. Error: FACT_INVALID naming the fact, never its value. */
export const factsOf = (release: Pick<RuleRelease, 'facts'>, given: readonly Fact[]): Facts => {
  const read = readFacts(
    release,
    given.flatMap((fact) => (fact.value ? [[fact.name, fact.value.value] as const] : [])),
  )
  if ('what' in read)
    throw new MeshError('FACT_INVALID', {
      detail: `${read.fact} ${read.what}.`.trimStart(),
      facts: { field: read.fact },
    })
  return read
}

/** A fact as the contract writes it. */
export const factView = (name: string, known: FactValue): Fact => {
  switch (typeof known) {
    case 'number':
      return { name, value: { $case: 'number', value: known } }
    case 'boolean':
      return { name, value: { $case: 'yes', value: known } }
    default:
      return { name, value: { $case: 'choice', value: known } }
  }
}
