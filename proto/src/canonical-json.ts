import canonicalizeModule from 'canonicalize'

// The package is CommonJS but declares an ECMAScript default export.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string

/** The canonical JSON (RFC 8785) of a value, in UTF-8: the bytes that every member hashes alike. */
export const canonicalJson = (value: unknown): Buffer => Buffer.from(canonicalize(value))
