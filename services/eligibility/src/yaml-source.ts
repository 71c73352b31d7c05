import { createHash } from 'node:crypto'
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import type { Fault } from './domain/release.js'

/** Bytes of UTF-8; more is refused before it is read. */
export const longestSource = 64 * 1024
const mostFaults = 20

/** The name of a source: SHA-256 of its bytes, 64 lower-case hexadecimal digits. */
export const sha256Of = (source: string): string => createHash('sha256').update(source, 'utf8').digest('hex')

const whole = (what: string): Fault[] => [{ at: '', what }]

/**
 * Reads a YAML 1.2 text as what a format asks for. No anchors, because a few lines of them unfold into gigabytes; no key twice,
 * because the second would silently win.
 */
export const readYaml = <T>(source: string, format: z.ZodType<T>): { readonly value: T } | readonly Fault[] => {
  const length = Buffer.byteLength(source, 'utf8')
  if (length > longestSource) return whole(`has ${length} bytes; ${longestSource} at most`)
  const document = parseDocument(source, { version: '1.2', schema: 'core', uniqueKeys: true, prettyErrors: true })
  const [error] = document.errors
  if (error) return whole(`is no YAML: ${error.message.split('\n')[0]}`)
  let content: unknown
  try {
    content = document.toJS({ maxAliasCount: 0 })
  } catch {
    return whole('has anchors and aliases: write out what they stand for')
  }
  const read = format.safeParse(content)
  if (read.success) return { value: read.data }
  return read.error.issues
    .slice(0, mostFaults)
    .map(({ path, message }) => ({ at: path.map(String).join('/'), what: message }))
}
