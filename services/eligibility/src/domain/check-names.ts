import type { Fault, RuleRelease } from './release.js'

const fault = (at: string, what: string): Fault => ({ at, what })

// As publicodes reads a name in an expression: Latin letters, words apart by one space. What it reads as a word of its own, or what
// every object has, is no name.
const word = "[a-zA-ZÀ-ÖØ-öø-ſ\\d][a-zA-ZÀ-ÖØ-öø-ſ\\d'-]*"
const part = `(?=[a-zß-öø-ÿœ])${word}( ${word})*`
const namePattern = new RegExp(`^${part}( \\. ${part})*$`)
const isName = (name: string): boolean =>
  namePattern.test(name) &&
  !name.split(' . ').some((each) => each === 'oui' || each === 'non' || each in Object.prototype)

/** Names that publicodes would not read as names, and two things under one. */
export const faultsOfNames = ({ facts, tables, rules }: RuleRelease): Fault[] => {
  const named = [
    ...Object.keys(facts).map((name) => ['facts', name] as const),
    ...Object.keys(tables).map((name) => ['tables', name] as const),
    ...Object.keys(rules).map((name) => ['rules', name] as const),
  ]
  const names = named.map(([, name]) => name)
  return named.flatMap(([room, name], index) => {
    const at = `${room}/${name}`
    if (!isName(name))
      return [
        fault(
          at,
          'is a name: a small letter, then letters, digits, single spaces and hyphens, with " . " between its parts',
        ),
      ]
    if (names.indexOf(name) !== index) return [fault(at, 'is the name of something else too')]
    // A name below another would be switched off with it, which nobody reads in the text.
    const above = names.find((each) => name.startsWith(`${each} . `))
    return above === undefined
      ? []
      : [fault(at, `stands below ${above}, which has a value of its own: choose another name`)]
  })
}
