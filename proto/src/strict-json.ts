import { isUtf8 } from 'node:buffer'
import { MeshError } from './reasons.js'

/**
 * JSON from outside, read so that two parsers cannot disagree about it: valid UTF-8, no name twice in an object
 * (RFC 8725 §2.4 tells why), no `__proto__`, at most 16 levels.
 */
const maxDepth = 16
const malformed = (cause?: unknown) => new MeshError('TOKEN_MALFORMED', { cause })

/** The JSON object encoded in these bytes. Throws TOKEN_MALFORMED. */
export const parseJsonObject = (bytes: Uint8Array): Record<string, unknown> => {
  if (!isUtf8(bytes)) throw malformed()
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw malformed(cause)
  }
  if (!isJsonObject(value)) throw malformed()
  requireUnambiguous(text)
  return value
}

export const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Walks a text that JSON.parse has accepted, so the grammar needs no second check. */
const requireUnambiguous = (text: string): void => {
  const open: (Set<string> | undefined)[] = []
  let names: Set<string> | undefined
  let isName = false
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"': {
        const end = endOfString(text, at)
        if (isName && names !== undefined) {
          addName(names, text.slice(at, end + 1))
          isName = false
        }
        at = end
        break
      }
      case '{':
      case '[':
        names = text[at] === '{' ? new Set() : undefined
        isName = names !== undefined
        if (open.push(names) > maxDepth) throw malformed()
        break
      case '}':
      case ']':
        open.pop()
        names = open.at(-1)
        isName = false
        break
      case ',':
        isName = names !== undefined
    }
  }
}

const addName = (names: Set<string>, quoted: string): void => {
  const name: string = quoted.includes('\\') ? JSON.parse(quoted) : quoted.slice(1, -1)
  if (name === '__proto__' || names.has(name)) throw malformed()
  names.add(name)
}

const endOfString = (text: string, start: number): number => {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

const isEscaped = (text: string, at: number): boolean => {
  let backslashes = 0
  while (text[at - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}
