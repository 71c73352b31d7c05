import { createHmac } from 'node:crypto'

/**
 * A strong validator (RFC 9110 section 8.8.3) of exactly these bytes. It is keyed: a tag ends in logs and caches, and a bare
 * hash of an answer about somebody could be compared with guesses.
 */
export const etagOf = (body: string, key: Uint8Array): string =>
  `"${createHmac('sha256', key).update('etag\n').update(body).digest('base64url').slice(0, 27)}"`

const oneTag = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g

/** Whether an If-None-Match names this tag; it is compared weakly (RFC 9110 section 13.1.2). */
export const isNamedIn = (header: string | undefined, etag: string): boolean =>
  header !== undefined && (header.trim() === '*' || [...header.matchAll(oneTag)].some(([, tag]) => tag === etag))
