import { MeshError } from '@unefois/proto/reasons'

const notAfterLogin = /^\/(login|callback|logout)([/?#]|$)/

/** A path of this origin to come back to. Error: REQUEST_INVALID for anything that could lead elsewhere. */
export const returnPath = (given: unknown, publicUrl: string): string => {
  if (given === undefined) return '/'
  const refused = new MeshError('REQUEST_INVALID', { facts: { field: 'return' } })
  // Browsers read `\` as `/` and drop tabs and line ends, so `/\host` and `/<tab>/host` lead away.
  if (typeof given !== 'string' || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(given) || given.length > 2000)
    throw refused
  const url = URL.canParse(given, publicUrl) ? new URL(given, publicUrl) : undefined
  if (url?.origin !== new URL(publicUrl).origin) throw refused
  const path = `${url.pathname}${url.search}`
  // A path such as /.//host is plain here and leads away once it is written.
  if (path.startsWith('//')) throw refused
  return notAfterLogin.test(path) ? '/' : path
}
