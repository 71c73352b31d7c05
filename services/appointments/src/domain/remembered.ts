/** What was computed from a key, for a while: the most keys are the same again and again, and computing them is slow. */
export const remembered = <T>(most: number): ((key: string, make: () => T) => T) => {
  const known = new Map<string, T>()
  return (key, make) => {
    const there = known.get(key)
    if (there !== undefined) return there
    const made = make()
    if (known.size >= most) known.clear()
    known.set(key, made)
    return made
  }
}
