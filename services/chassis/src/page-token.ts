import { createHash } from 'node:crypto'
import { MeshError } from '@unefois/proto/reasons'

/** The filters of a list by name; what is empty or 0 filters nothing. */
export type Filters = Readonly<Record<string, string | number>>

const isSet = ([, value]: readonly [string, string | number]): boolean => value !== '' && value !== 0

/** Names the filters without telling them; empty when there is none. */
const tagOf = (list: string, filters: Filters): string => {
  const set = Object.entries(filters).filter(isSet).sort()
  if (set.length === 0) return ''
  return `~${createHash('sha256')
    .update(JSON.stringify([list, set]))
    .digest('base64url')
    .slice(0, 12)}`
}

/**
 * The page tokens of one list under one set of filters: a position, and which filters it belongs to. Without filters a token
 * is the position alone.
 */
export class PageTokens {
  readonly #tag: string

  constructor(list: string, filters: Filters) {
    this.#tag = tagOf(list, filters)
  }

  /** The token that goes on after a position; empty for none. */
  after(position: string | number | undefined): string {
    return position === undefined || position === '' ? '' : `${position}${this.#tag}`
  }

  /** The position in a token, empty for the first page. Error: PAGE_TOKEN_MISMATCH for one of other filters. */
  positionIn(token: string): string {
    const at = token.indexOf('~')
    const [position, tag] = at < 0 ? [token, ''] : [token.slice(0, at), token.slice(at)]
    if (token !== '' && tag !== this.#tag) throw new MeshError('PAGE_TOKEN_MISMATCH')
    return position
  }
}

const mostNamed = 40

/** A filter's value, or empty for none. Error: FILTER_UNKNOWN, naming what is allowed, for a value that nothing could have. */
export const requireKnown = (field: string, value: string, allowed: Iterable<string>): void => {
  if (value === '') return
  const known = [...allowed]
  if (known.includes(value)) return
  const named = known.slice(0, mostNamed).join(', ')
  const more = known.length > mostNamed ? `, and ${known.length - mostNamed} more` : ''
  throw new MeshError('FILTER_UNKNOWN', { facts: { field, allowed: `${named}${more}` } })
}
