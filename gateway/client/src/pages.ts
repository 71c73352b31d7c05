import type { Paths } from '#openapi'
import type { UnefoisClient } from './client.js'
import { dataOf } from './problem.js'

type Asked<P extends keyof Paths> = Paths[P] extends { get: { parameters: { query?: infer Q } } }
  ? NonNullable<Q>
  : never
/** The operations that answer in pages. */
export type ListPath = {
  [P in keyof Paths]: Asked<P> extends never ? never : 'pageToken' extends keyof Asked<P> ? P : never
}[keyof Paths]
/** The filters of a list. */
export type ListQuery<P extends ListPath> = Omit<Asked<P>, 'pageToken'>
/** One page of a list. */
export type Page<P extends ListPath> = Paths[P] extends {
  get: { responses: { 200: { content: { 'application/json': infer D } } } }
}
  ? D
  : never

interface Next {
  readonly nextPageToken?: string | null
  readonly members?: readonly { readonly member: string; readonly nextPageToken?: string }[]
}
interface Further {
  readonly member?: string
  readonly pageToken: string
}

const furtherAfter = ({ nextPageToken, members = [] }: Next, asked: Partial<Further>): Further[] => {
  // A list that grows answers the same token when nothing is new.
  const ofList = nextPageToken && nextPageToken !== asked.pageToken ? [{ ...asked, pageToken: nextPageToken }] : []
  const ofMembers = members.flatMap(({ member, nextPageToken: pageToken }) =>
    pageToken ? [{ member, pageToken }] : [],
  )
  return [...ofList, ...ofMembers]
}

/** Every page of a list as it is asked for; where several members answer, each to its end. Errors: as dataOf. */
export async function* pages<P extends ListPath>(
  client: UnefoisClient,
  path: P,
  {
    query,
    params,
    ...init
  }: { query?: ListQuery<P>; params?: Readonly<Record<string, string>>; signal?: AbortSignal } = {},
): AsyncGenerator<Page<P>, void, undefined> {
  // Over every list at once the types of a call cannot be told apart; those of the page are.
  const get = client.GET as unknown as (path: P, init: object) => Promise<{ data?: unknown; response: Response }>
  let toAsk: Partial<Further>[] = [{}]
  for (let asked = toAsk.shift(); asked !== undefined; asked = toAsk.shift()) {
    const page = dataOf(await get(path, { ...init, params: { query: { ...query, ...asked }, path: params } }))
    yield page as Page<P>
    toAsk = [...toAsk, ...furtherAfter(page as Next, asked)]
  }
}
