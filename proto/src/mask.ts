import type { Authorisation } from './federation-list.js'
import { LruMap } from './lru.js'
import { MeshError } from './reasons.js'

/**
 * Field paths and the minimisation of evidence. A path is names joined by dots, `[]` after a list to go into each of its
 * elements: `quotient_familial.valeur`, `enfants[].prenoms`. A path that names an object or list means all of it.
 */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [name: string]: JsonValue
}

type Steps = readonly string[]
const each = '[]'
const maxSteps = 16
const fieldName = /^[\p{L}\p{N}_][\p{L}\p{N}_-]{0,63}$/u
const pathSegment = /^([^[\]]+)((?:\[\])*)$/
/** Names with a meaning of their own in JavaScript, which a reader that merges objects would trip over. */
const reservedNames = new Set(['__proto__', 'constructor', 'prototype'])

const isFieldName = (name: string): boolean => fieldName.test(name) && !reservedNames.has(name)

/** Federation data names the same few paths in every exchange. */
const parsed = new LruMap<string, Steps>(2000)

/** The steps of a path, `[]` standing for "each element". Throws REQUEST_INVALID with the path as fact `field`. */
export const parsePath = (path: string): Steps => {
  const known = parsed.get(path)
  if (known) return known
  const steps = stepsOf(path)
  parsed.set(path, steps)
  return steps
}

const stepsOf = (path: string): Steps => {
  const steps = path.split('.').flatMap((segment) => {
    const [, name = '', lists = ''] = pathSegment.exec(segment) ?? []
    if (!isFieldName(name)) throw new MeshError('REQUEST_INVALID', { facts: { field: path } })
    return [name, ...Array<string>(lists.length / 2).fill(each)]
  })
  if (steps.length > maxSteps) throw new MeshError('REQUEST_INVALID', { facts: { field: path } })
  return steps
}

const formatPath = (steps: Steps): string => steps.join('.').replaceAll(`.${each}`, each)

/** A path listed as a whole ends in `true`; otherwise the steps that lead on. */
type Mask = true | Map<string, Mask>

const maskOf = (paths: readonly string[]): Mask => {
  const root = new Map<string, Mask>()
  for (const path of paths) addSteps(root, parsePath(path))
  return root
}

const addSteps = (mask: Map<string, Mask>, [step = '', ...further]: Steps): void => {
  const inside = mask.get(step)
  if (inside === true) return
  if (further.length === 0) {
    mask.set(step, true)
    return
  }
  const deeper = inside ?? new Map<string, Mask>()
  mask.set(step, deeper)
  addSteps(deeper, further)
}

/**
 * A copy of the value in which only the listed fields are present; everything else is absent, not null. A list keeps its
 * length when a path leads into it; an element with nothing to show is then `{}`.
 * Throws REQUEST_INVALID for a malformed path, EVIDENCE_INVALID for a name in the value that no path could list.
 */
export const minimise = (value: JsonObject, paths: readonly string[]): JsonObject => {
  const shown = show(value, maskOf(paths))
  return isObject(shown) ? shown : {}
}

const show = (value: JsonValue, mask: Mask): JsonValue | undefined => {
  if (mask === true) return copy(value)
  if (isList(value)) {
    const inside = mask.get(each)
    if (inside === undefined) return undefined
    return value.map((element) => {
      const part = show(element, inside)
      return part === undefined ? {} : part
    })
  }
  if (!isObject(value)) return undefined
  const shown: Record<string, JsonValue> = {}
  for (const [name, inside] of mask) {
    const field = name !== each && Object.hasOwn(value, name) ? value[name] : undefined
    const part = field === undefined ? undefined : show(field, inside)
    if (part !== undefined) shown[name] = part
  }
  return Object.keys(shown).length > 0 ? shown : undefined
}

const copy = (value: JsonValue): JsonValue => {
  if (isList(value)) return value.map(copy)
  if (!isObject(value)) return value
  return Object.fromEntries(fieldEntries(value).map(([name, field]) => [name, copy(field)]))
}

/** The paths of the single values present, sorted, each once; an empty object or list has none. Throws EVIDENCE_INVALID. */
export const fieldsOf = (value: JsonObject): string[] => {
  const found = new Set<string>()
  const visit = (part: JsonValue, steps: Steps): void => {
    if (isList(part)) for (const element of part) visit(element, [...steps, each])
    else if (isObject(part)) for (const [name, field] of fieldEntries(part)) visit(field, [...steps, name])
    else found.add(formatPath(steps))
  }
  visit(value, [])
  return [...found].sort()
}

/** Whether a path is one of these or lies inside one. Throws REQUEST_INVALID. */
export const isCovered = (path: string, by: readonly string[]): boolean => {
  const steps = parsePath(path)
  return by.some((outer) => isPrefix(parsePath(outer), steps))
}

/**
 * Whether an authorisation lets its requester have the field, or the answer to the predicate, of a person who is there: what is
 * collected proactively is collected without the person. Throws REQUEST_INVALID.
 */
export const gives = (
  { mode, fields, predicates }: Pick<Authorisation, 'mode' | 'fields' | 'predicates'>,
  field: string,
): boolean => mode !== 'proactive' && (predicates.some(({ id }) => id === field) || isCovered(field, fields))

/**
 * What both lists allow, sorted and without a path that another one covers: of `quotient_familial` and
 * `quotient_familial.valeur`, the narrower. Throws REQUEST_INVALID.
 */
export const intersectPaths = (a: readonly string[], b: readonly string[]): string[] => {
  const [left, right] = [a.map(parsePath), b.map(parsePath)]
  const both = left.flatMap((one) =>
    right.flatMap((other) => (isPrefix(one, other) ? [other] : isPrefix(other, one) ? [one] : [])),
  )
  const isWidest = (steps: Steps) => !both.some((other) => other.length < steps.length && isPrefix(other, steps))
  return [...new Set(both.filter(isWidest).map(formatPath))].sort()
}

const isPrefix = (outer: Steps, inner: Steps): boolean => outer.every((step, at) => step === inner[at])
const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value)
const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const fieldEntries = (value: JsonObject): [string, JsonValue][] => {
  const entries = Object.entries(value)
  if (!entries.every(([name]) => isFieldName(name))) throw new MeshError('EVIDENCE_INVALID')
  return entries
}
