import { createHash } from 'node:crypto'
import { type Document, isAlias, isCollection, isNode, isPair, isScalar, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import type { Fault } from './domain/release.js'

/** Bytes of UTF-8; more is refused before it is read. */
export const longestSource = 64 * 1024
const mostFaults = 20
const deepest = 40

/** The name of a source: SHA-256 of its bytes, 64 lower-case hexadecimal digits. */
export const sha256Of = (source: string): string => createHash('sha256').update(source, 'utf8').digest('hex')

const whole = (what: string): Fault[] => [{ at: '', what }]

/**
 * What YAML allows and no source may have. No anchors, because a few lines of them unfold into gigabytes; no key twice, because
 * the second would silently win (the library's own check compares each with each); no tags and no `__proto__`, because they come
 * out as something else than what a reader sees.
 */
const faultOfStructure = (document: Document): string | undefined => {
  let fault: string | undefined
  visit(document, (_key, node, path) => {
    if (path.filter(isCollection).length > deepest) fault = `is nested deeper than ${deepest}`
    else if (isAlias(node) || (isNode(node) && 'anchor' in node && node.anchor !== undefined))
      fault = 'has anchors and aliases: write out what they stand for'
    else if (isNode(node) && node.tag !== undefined) fault = 'has tags: write plain values'
    else if (isCollection(node)) {
      const keys = node.items.flatMap((item) => (isPair(item) ? [item.key] : []))
      const names = keys.map((key) => (isScalar(key) ? String(key.value) : undefined))
      const seen = new Set<string | undefined>()
      const twice = names.find((name) => seen.has(name) || !seen.add(name))
      if (names.includes(undefined)) fault = 'has a key that is no plain text'
      else if (names.includes('__proto__')) fault = 'has the key __proto__, which is no name'
      else if (twice !== undefined) fault = `has the key ${twice} twice in one place`
    }
    return fault === undefined ? undefined : visit.BREAK
  })
  return fault
}

const contentOf = (source: string): { readonly content: unknown } | readonly Fault[] => {
  try {
    const document = parseDocument(source, { version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: true })
    const [error] = document.errors
    if (error) return whole(`is no YAML: ${error.message.split('\n')[0]}`)
    const fault = faultOfStructure(document)
    return fault === undefined ? { content: document.toJS({ maxAliasCount: 0 }) } : whole(fault)
  } catch {
    return whole(`is no YAML, or nested deeper than ${deepest}`)
  }
}

/** Reads a YAML 1.2 text as what a format asks for. */
export const readYaml = <T>(source: string, format: z.ZodType<T>): { readonly value: T } | readonly Fault[] => {
  // A text has at most three bytes for each of its units, and at least one: most of what is too long is known without encoding it.
  const length = source.length > longestSource ? source.length : Buffer.byteLength(source, 'utf8')
  if (length > longestSource) return whole(`has ${length} bytes; ${longestSource} at most`)
  const read = contentOf(source)
  if (!('content' in read)) return read
  const { success, data, error } = format.safeParse(read.content)
  if (success) return { value: data }
  return error.issues
    .slice(0, mostFaults)
    .map(({ path, message }) => ({ at: path.map(String).join('/'), what: message }))
}
