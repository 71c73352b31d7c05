import type { JsonObject, JsonValue } from '@unefois/proto/mask'
import type { ScopeMask } from './_recorded-answers.js'

/** What the national table unmasks, read on its own terms: the judge of what our authorisations and our mask let through. */
const inside = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)
const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether the table shows a path under these scopes: every entry on the way allows it, and there is one. */
const isShown = (path: string, mask: ScopeMask, scopes: ReadonlySet<string>): boolean => {
  const entries = Object.keys(mask).filter(
    (entry) => entry === path || path.startsWith(`${entry}.`) || path.startsWith(`${entry}[`),
  )
  return entries.length > 0 && entries.every((entry) => scopes.has(mask[entry] ?? ''))
}

/** The paths of everything in a value that has nothing inside it. */
export const leavesOf = (value: JsonValue, path = ''): string[] => {
  const leaves = Array.isArray(value)
    ? value.flatMap((element) => leavesOf(element, `${path}[]`))
    : isObject(value)
      ? Object.entries(value).flatMap(([name, field]) => leavesOf(field, inside(path, name)))
      : []
  return leaves.length > 0 || path === '' ? leaves : [path]
}

/** Those of these paths that the table shows; all of them for an endpoint that it does not list. */
export const shownPaths = (
  paths: readonly string[],
  mask: ScopeMask | undefined,
  scopes: ReadonlySet<string>,
): string[] => paths.filter((path) => mask === undefined || isShown(path, mask, scopes))

const without = (value: JsonValue, path: string, isKept: (path: string) => boolean): JsonValue | undefined => {
  if (Array.isArray(value) && value.length > 0) {
    const parts = value.map((element) => without(element, `${path}[]`, isKept))
    return parts.some((part) => part !== undefined) ? parts.map((part) => part ?? {}) : undefined
  }
  if (!isObject(value) || Object.keys(value).length === 0) return isKept(path) ? value : undefined
  const kept = Object.entries(value).flatMap(([name, field]) => {
    const part = without(field, inside(path, name), isKept)
    return part === undefined ? [] : [[name, part] as const]
  })
  return kept.length > 0 ? Object.fromEntries(kept) : undefined
}

/** The payload as the national API would show it to a client with these scopes. */
export const nationalAnswer = (
  value: JsonObject,
  mask: ScopeMask | undefined,
  scopes: ReadonlySet<string>,
): JsonObject | undefined =>
  without(value, '', (path) => mask === undefined || isShown(path, mask, scopes)) as JsonObject
