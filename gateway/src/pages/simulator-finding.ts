import type { Deadline } from '@unefois/chassis/deadline'
import { toMeshError } from '@unefois/proto/reasons'
import type { Neighbours } from '../context.js'
import type { FindingView, MissingView, NoReleaseView } from '../rest/eligibility-views.js'
import { type FactValue, factOf, type Simulated, simulated } from '../simulation.js'
import { factValueOf, type Told } from './simulator-form.js'

/** What a rule finds for what was told, with the question behind each answer. */
export interface Found {
  readonly finding: FindingView
  readonly questions: ReadonlyMap<string, MissingView>
  readonly values: ReadonlyMap<string, FactValue>
  /** The answer that cannot be used; empty where all can. */
  readonly faulty: string
}

interface Asking {
  readonly eligibility: Neighbours['eligibility']
  readonly benefit: string
  readonly language: string
  readonly deadline: Deadline
}

const without = (values: ReadonlyMap<string, FactValue>, name: string): Map<string, FactValue> =>
  new Map([...values].filter(([each]) => each !== name))

const ask = (
  { eligibility, benefit, language, deadline }: Asking,
  day: string,
  values: ReadonlyMap<string, FactValue>,
): Promise<Simulated> => {
  const facts = [...values].map(([name, value]) => factOf(name, value))
  return simulated(eligibility, { benefit, day, language, facts }, deadline)
}

/** Applies the rule; an answer that it cannot use is left out, and named. */
const applied = async (
  asking: Asking,
  day: string,
  values: ReadonlyMap<string, FactValue>,
): Promise<{ readonly found: Simulated; readonly faulty: string }> => {
  try {
    return { found: await ask(asking, day, values), faulty: '' }
  } catch (thrown) {
    const { reason, facts } = toMeshError(thrown)
    const faulty = facts.field ?? ''
    if (reason !== 'FACT_INVALID' || !values.has(faulty)) throw thrown
    return { found: await ask(asking, day, without(values, faulty)), faulty }
  }
}

/**
 * What a rule finds for what was told, or that none is in force. The service words only the questions that are still open, so those
 * already answered are had by asking as if they were not. Errors: BENEFIT_UNKNOWN, FACT_INVALID, UNAVAILABLE.
 */
export const findFor = async (asking: Asking, told: Told): Promise<Found | { readonly noRelease: NoReleaseView }> => {
  const typed = told.answers.map((answer) => [answer.name, factValueOf(answer)] as const)
  const values = new Map(typed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
  const unread = typed.find(([, value]) => value === undefined)?.[0] ?? ''
  const [{ found, faulty }, fresh] = await Promise.all([
    applied(asking, told.day, values),
    ask(asking, told.day, new Map()),
  ])
  if (!('finding' in found)) return found
  const { finding } = found
  const questions = new Map<string, MissingView>()
  const learn = (more: Simulated): void => {
    if ('finding' in more) for (const each of more.finding.missing) questions.set(each.name, each)
  }
  learn(fresh)
  learn(found)
  const used = faulty === '' ? values : without(values, faulty)
  const wanted = [...used.keys(), ...told.unknown, faulty].filter((name) => name !== '' && !questions.has(name))
  await Promise.all(wanted.map(async (name) => learn(await ask(asking, told.day, without(used, name)))))
  return { finding, questions, values: used, faulty: faulty || unread }
}
