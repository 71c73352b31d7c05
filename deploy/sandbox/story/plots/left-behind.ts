/** The paths of a value's leaves, with `[]` for each list. */
const leavesOf = (value: unknown, path = ''): string[] => {
  if (Array.isArray(value)) return value.flatMap((each) => leavesOf(each, `${path}[]`))
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, inside]) => leavesOf(inside, path === '' ? key : `${path}.${key}`))
}

/** What a provider holds in a piece of evidence and did not give. */
export const leftBehind = (held: unknown, given: unknown): readonly string[] => {
  const crossed = new Set(leavesOf(given))
  return [...new Set(leavesOf(held))].filter((path) => !crossed.has(path))
}
