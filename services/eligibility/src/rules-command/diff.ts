import { givenInWords } from '../domain/explanation.js'
import { readFacts } from '../domain/facts.js'
import { find } from '../domain/finding.js'
import type { FactValue } from '../domain/release.js'
import { chanceOf, person } from './people.js'
import { type ReadFile, UsageError } from './read-file.js'

type Person = ReadonlyMap<string, FactValue>
const mostExamples = 3

const outcome = ({ release, computation }: ReadFile, facts: Person) => {
  const own = [...facts].filter(([name]) => Object.hasOwn(release.facts, name))
  const read = readFacts(release, own)
  if ('what' in read) return undefined
  const { answer, gives } = find(release, computation, read)
  return {
    answer,
    gives,
    amounts: [...gives.values()].filter((value) => typeof value === 'number').reduce((sum, value) => sum + value, 0),
    words: [answer, ...[...gives].map(([name, value]) => `${name} ${givenInWords(release, name, value, 'fr')}`)].join(
      ', ',
    ),
  }
}
type Outcome = NonNullable<ReturnType<typeof outcome>>

const kinds = [
  'gain the right',
  'lose the right',
  'have a higher amount',
  'have a lower amount',
  'have another form',
] as const
type Kind = (typeof kinds)[number] | 'see no change'

const kindOf = (before: Outcome, after: Outcome): Kind => {
  if (before.answer !== after.answer) return after.answer === 'yes' ? 'gain the right' : 'lose the right'
  if (before.words === after.words) return 'see no change'
  if (after.amounts === before.amounts) return 'have another form'
  return after.amounts > before.amounts ? 'have a higher amount' : 'have a lower amount'
}

const written = (facts: Person): string => [...facts].map(([name, value]) => `${name}=${value}`).join(' ')

/** Who of a sample population gains or loses by another release: how many, and some of them by their facts. */
export const diffLines = (before: ReadFile, after: ReadFile, people: number, seed: number): string[] => {
  if (before.release.benefit !== after.release.benefit)
    throw new UsageError(`${before.release.benefit} and ${after.release.benefit} are two benefits`)
  const chance = chanceOf(seed)
  const found = new Map<Kind, { count: number; examples: string[] }>()
  let beyond = 0
  for (let count = 0; count < people; count += 1) {
    const facts = person([before.release, after.release], chance)
    const [one, other] = [outcome(before, facts), outcome(after, facts)]
    if (!one || !other) {
      beyond += 1
      continue
    }
    const kind = kindOf(one, other)
    const seen = found.get(kind) ?? { count: 0, examples: [] }
    seen.count += 1
    if (seen.examples.length < mostExamples) seen.examples.push(`${written(facts)}: ${one.words} → ${other.words}`)
    found.set(kind, seen)
  }
  const share = (count: number): string => `${((100 * count) / people).toFixed(1)} %`
  return [
    `${before.release.benefit}: ${before.release.validFrom} → ${after.release.validFrom}, ${people} invented people, seed ${seed}`,
    ...kinds.flatMap((kind) => {
      const { count = 0, examples = [] } = found.get(kind) ?? {}
      return [`${count} ${kind} (${share(count)})`, ...examples.map((example) => `  ${example}`)]
    }),
    `${found.get('see no change')?.count ?? 0} see no change`,
    ...(beyond > 0 ? [`${beyond} have facts that one of the two does not take`] : []),
  ]
}
