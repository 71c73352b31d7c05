/** Which rules each rule names. */
export type Needs = ReadonlyMap<string, ReadonlySet<string>>

interface Referring {
  readonly baseContext: { readonly referencesMaps: { readonly referencesIn: ReadonlyMap<string, ReadonlySet<string>> } }
}

/** One cycle of rules that need each other, if there is any. */
export const cycleIn = (needs: Needs): string[] | undefined => {
  const done = new Set<string>()
  const walk = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    if (done.has(name)) return undefined
    for (const each of needs.get(name) ?? []) {
      const found = walk(each, [...path, name])
      if (found) return found
    }
    done.add(name)
    return undefined
  }
  for (const name of needs.keys()) {
    const found = walk(name, [])
    if (found) return found
  }
  return undefined
}

/** Each rule needs its situation, which the library writes as a rule of its own. */
const isOurs = (name: string): boolean => !name.includes('$')

/** Which rules each rule names, in whichever branch. */
export const needsOf = ({ baseContext }: Referring): Needs =>
  new Map(
    [...baseContext.referencesMaps.referencesIn]
      .filter(([name]) => isOurs(name))
      .map(([name, named]) => [name, new Set([...named].filter(isOurs))]),
  )
