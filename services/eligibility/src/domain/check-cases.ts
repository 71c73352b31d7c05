import type { Computation } from './engine.js'
import { readFacts } from './facts.js'
import { find } from './finding.js'
import type { Case, Fault, RuleRelease } from './release.js'

const fault = (at: string, what: string): Fault => ({ at, what })

interface Checked {
  readonly release: RuleRelease
  readonly computation: Computation
}

const faultOfCase = (
  { release, computation }: Checked,
  { name, facts: given, answer, gives, asksNext }: Case,
): Fault[] => {
  const at = `cases/${name}`
  const facts = readFacts(release, Object.entries(given))
  if ('what' in facts) return [fault(at, `${facts.fact} ${facts.what}`.trimStart())]
  const found = find(release, computation, facts)
  if (found.answer !== answer) return [fault(at, `expects ${answer}, but the rule finds ${found.answer}`)]
  return [
    ...Object.entries(gives ?? {}).flatMap(([each, expected]) =>
      found.gives.get(each) === expected
        ? []
        : [fault(at, `expects ${each} to be ${expected}, but the rule finds ${found.gives.get(each) ?? 'nothing'}`)],
    ),
    ...(asksNext === undefined || found.missing[0] === asksNext
      ? []
      : [fault(at, `expects ${asksNext} to be asked next, but the rule asks ${found.missing[0] ?? 'nothing'}`)]),
  ]
}

/** Cases that do not come out, and answers of which there is none. */
export const faultsOfCases = (checked: Checked): Fault[] => {
  const { cases } = checked.release
  const without = (['yes', 'no', 'unknown'] as const).filter((each) => !cases.some(({ answer }) => answer === each))
  return [
    ...without.map((each) => fault('cases', `have none whose answer is ${each}`)),
    ...cases.flatMap((each) => faultOfCase(checked, each)),
  ]
}
