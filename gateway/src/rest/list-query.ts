import { requireKnown } from '@unefois/chassis/page-token'
import type { Federation } from '@unefois/proto/federation'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'

// How every list of this door is asked, so that who has read one has read all:
// - `pageSize` and `pageToken`, and filters that are optional and named as the field of the answer that they look at;
//   `since` (included) and `until` (left out) are instants;
// - the answer has `nextPageToken`: null after the last page, or in a list that grows, a token to keep. A page may be short or
//   empty and still have one: it is the token that says whether there is more;
// - a token belongs to the filters that it was given under; with others it is refused (PAGE_TOKEN_MISMATCH);
// - a filter's value that nothing could have is refused with those allowed (FILTER_UNKNOWN; an enumeration: REQUEST_INVALID).
// A new list spreads its filters into `listQuery({ … })`, hands `pageOf(query)` to the service, and is entered in caching.ts.

const longestToken = 500

/** A page token as an earlier page gave it. */
export const pageToken = z
  .string()
  .max(longestToken)
  .regex(/^[\x21-\x7e]*$/)
  .optional()
  .meta({ description: 'The `nextPageToken` before, with the same filters; leave out for the first page.' })

const pageSizeUpTo = (most: number) =>
  z.coerce
    .number<string>()
    .int()
    .min(1)
    .max(most)
    .optional()
    .meta({ description: `At most ${most}; a page may hold fewer.` })

/** The query of a list: page, and its filters. */
export const listQuery = <F extends z.ZodRawShape>(filters: F, mostPerPage = 100) =>
  z.strictObject({ pageSize: pageSizeUpTo(mostPerPage), pageToken, ...filters })

/** What a list's query says of the page, as the contracts take it: 0 and empty for what was left out. */
export const pageOf = (query: {
  readonly pageSize?: number | undefined
  readonly pageToken?: string | undefined
}): { pageSize: number; pageToken: string } => ({ pageSize: query.pageSize ?? 0, pageToken: query.pageToken ?? '' })

/** An instant that a list begins at or ends before (RFC 3339). */
export const instantFilter = z.iso.datetime({ offset: true }).meta({ pattern: undefined }).optional()

/** A member, evidence type or purpose that a list is filtered by; what it may be, the federation list says. */
export const nameFilter = z.string().min(1).max(64).optional()

/** Words that are looked for, without regard to case or accents. */
export const searchFilter = z.string().trim().min(1).max(100).optional().meta({ description: 'Found in id or name.' })

/** Milliseconds since the epoch, as the contracts take an instant; 0 for one that was left out. */
export const msOf = (at: string | undefined): number => (at === undefined ? 0 : Math.max(0, Date.parse(at)))

type Named = 'agency' | 'requester' | 'provider' | 'evidenceType' | 'purpose'

/** Error: FILTER_UNKNOWN for a member, evidence type or purpose that is not in the federation list. */
export const requireNamed = (
  { claims: { members, evidenceTypes, purposes } }: Federation,
  filters: { readonly [name in Named]?: string | undefined },
): void => {
  const listOf = {
    agency: members,
    requester: members,
    provider: members,
    evidenceType: evidenceTypes,
    purpose: purposes,
  }
  for (const name of Object.keys(listOf) as Named[])
    requireKnown(
      name,
      filters[name] ?? '',
      listOf[name].map(({ id }) => id),
    )
}

/** Error: REQUEST_INVALID for a page token without the member that gave it. */
export const requireMember = (query: {
  readonly member?: string | undefined
  readonly pageToken?: string | undefined
}): void => {
  if (query.member === undefined && (query.pageToken ?? '') !== '')
    throw new MeshError('REQUEST_INVALID', { detail: 'A page token needs its member.', facts: { field: 'member' } })
}
