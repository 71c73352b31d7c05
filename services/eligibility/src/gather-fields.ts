import type { Call } from '@unefois/chassis/rpc'
import type { AssessRequest, FactUsed, NotObtained } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type { EligibilityContext } from './context.js'
import { type Offer, type Question, valueAt } from './domain/assessment.js'
import type { ProcedureData } from './domain/procedure.js'
import { type AskedAbout, answerTo, offersOf, without } from './gather.js'
import { factView } from './rpc/facts-given.js'

/** What others told of the fields of a procedure that has no rule. */
export interface FieldsGathered {
  readonly used: readonly FactUsed[]
  readonly notObtained: readonly NotObtained[]
}

/** The fields that a member can tell and nobody has told yet, as one question. */
const questionFor = ({ fields }: ProcedureData, offer: Offer, told: ReadonlySet<string>): Question => ({
  offer,
  facts: Object.entries(fields).flatMap(([name, { evidence }]) =>
    evidence?.type === offer.evidenceType && offer.gives(evidence.field) && !told.has(name)
      ? [{ name, source: { evidenceType: evidence.type, field: evidence.field, purpose: offer.purpose } }]
      : [],
  ),
})

/**
 * Asks for the fields of a procedure without a rule, one member after the other and none twice. Of a value that is no single one,
 * the file names only the exchange that brought it: documents keeps it. Errors: those of the caller's own token.
 */
export const gatherFields = async (
  needs: Pick<EligibilityContext, 'runtime' | 'documents'>,
  procedure: ProcedureData,
  request: AskedAbout & Pick<AssessRequest, 'bases'>,
  call: Call,
): Promise<FieldsGathered> => {
  const used: FactUsed[] = []
  const notObtained: NotObtained[] = []
  const told = new Set<string>()
  for (const offer of offersOf(needs, request, procedure.purposes)) {
    const question = questionFor(procedure, offer, told)
    if (question.facts.length === 0) continue
    const answer = await answerTo(needs, question, request, call)
    if ('why' in answer) {
      const asked = question.facts.map(({ name }) => name)
      notObtained.push(without(offer, asked, answer))
      continue
    }
    const { exchangeId, evidence } = answer
    const { version, asOfMs, valueJson } = evidence
    const values: unknown = valueJson === '' ? undefined : JSON.parse(valueJson)
    for (const { name, source } of question.facts) {
      told.add(name)
      const value = valueAt(values, source.field)
      const fact = value === undefined ? { name, value: undefined } : factView(name, value)
      used.push({ fact, source, exchangeId, version, asOfMs, provider: offer.provider, isSelfDeclared: false })
    }
  }
  return { used, notObtained }
}
