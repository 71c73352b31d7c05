import { PageTokens } from '@unefois/chassis/page-token'
import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type {
  Holding,
  ListHoldingsRequest,
  ListHoldingsResponse,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import type { HoldingsNeeds } from '../correction-needs.js'
import { fitting } from '../domain/page-budget.js'
import type { Viewer } from '../domain/protection.js'
import { declaredTypes } from '../store/declared-versions.js'
import { basis, token } from './fields.js'
import { bytesOfHolding, ownHolding, receivedHolding } from './holding-view.js'
import { requireKnownType } from './list-contests.js'
import { openOwnView } from './own-view.js'
import { pageSizeOf } from './pages.js'

/** Each of one's own may be a question to a register, and each received one is opened: a page is small. */
const usualHoldings = 20
const mostHoldings = 50
/** What was received says its type only when it is open; so many are opened for one page of one type. */
const mostOpened = 200

/** One thing held, and the page token by which a list goes on after it. */
interface Item {
  readonly token: string
  readonly holding: Holding | undefined
}

/** Tokens of a list: `own.<type>` in the order of types, then `received.<exchange id>` in the order of ids. */
const pageToken = z
  .string()
  .regex(
    /^(own\.[a-z][a-z0-9-]{1,63}|received\.([0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12})?)?(~[A-Za-z0-9_-]{12})?$/,
    'not a page token of this list',
  )

/** What one page asks for. */
interface Asked {
  readonly subject: string
  readonly viewer: Viewer
  /** Empty: of every type. */
  readonly evidenceType: string
  readonly limit: number
}

const ownItems = async (
  { runtime, holdings, registerTypes, places }: HoldingsNeeds,
  { subject, evidenceType, limit }: Asked,
  after: string,
  { deadline }: Call,
): Promise<{ items: Item[]; isEnd: boolean }> => {
  const declared = await declaredTypes(runtime.postgres, subject)
  const types = [...new Set([...declared, ...registerTypes])].sort().filter((type) => type > after)
  const asked = types.filter((type) => evidenceType === '' || type === evidenceType)
  const page = asked.slice(0, limit)
  const held = await Promise.all(
    page.map(async (type) => ({ evidenceType: type, holding: await holdings.read(subject, type, deadline) })),
  )
  const shown = await places.own(subject, held)
  const items = page.map((type, at) => {
    const origin = holdings.isElsewhere(type) ? 'register' : 'declared'
    return { token: `own.${type}`, holding: ownHolding(type, shown[at] ?? { kind: 'absent' }, origin) }
  })
  return { items, isEnd: asked.length <= limit }
}

const receivedItems = async (
  { runtime, receivedHoldings, receivedCorrections, places }: HoldingsNeeds,
  { subject, viewer, evidenceType, limit }: Asked,
  after: string | undefined,
): Promise<{ items: Item[]; isEnd: boolean }> => {
  const nowMs = runtime.clock.nowMs()
  const atOnce = evidenceType === '' ? limit : mostOpened
  const exchangeIds = await receivedHoldings.exchanges(subject, after, atOnce, nowMs)
  const [corrected, all] = await Promise.all([
    receivedCorrections.correctedAmong(exchangeIds),
    receivedHoldings.readAll(exchangeIds, nowMs),
  ])
  const items = exchangeIds.map(async (id, at) => {
    const held = all[at]
    const isAsked = held && (evidenceType === '' || held.evidenceType === evidenceType)
    if (!isAsked) return { token: `received.${id}`, holding: undefined }
    const of = { subject, exchangeId: id, evidenceType: held.evidenceType, authorisation: undefined }
    const evidence = await places.received(held.evidence, of, viewer)
    return { token: `received.${id}`, holding: receivedHolding({ ...held, evidence }, corrected.has(id)) }
  })
  return { items: await Promise.all(items), isEnd: exchangeIds.length < atOnce }
}

/** The first items that fit into one page, by their number and by their bytes. */
const page = (
  { items, isEnd }: { readonly items: readonly Item[]; readonly isEnd: boolean },
  limit: number,
  whatFollows: string,
): { holdings: Holding[]; goOn: string } => {
  let shown = 0
  const over = items.findIndex(({ holding }) => holding !== undefined && ++shown > limit)
  const fit = fitting(over < 0 ? items : items.slice(0, over), ({ holding }) => (holding ? bytesOfHolding(holding) : 0))
  const isAll = isEnd && fit.length === items.length
  return {
    holdings: fit.flatMap(({ holding }) => holding ?? []),
    goOn: isAll ? whatFollows : (fit.at(-1)?.token ?? ''),
  }
}

/**
 * The member's own first, then what it received; a page may be short. Errors: those of a portal ticket, FILTER_UNKNOWN,
 * PAGE_TOKEN_MISMATCH.
 */
export const listHoldings = (needs: HoldingsNeeds): PlainRpc<ListHoldingsRequest, ListHoldingsResponse> => ({
  request: z.object({
    ticket: token,
    basisId: basis,
    pageToken,
    pageSize: z.number().int().min(0).max(mostHoldings),
    evidenceType: z.string().max(64),
  }),
  handle: async (request, call) => {
    const { sub, acr } = await openOwnView(needs, request, call)
    const { evidenceType } = request
    requireKnownType(needs, request)
    const tokens = new PageTokens('holdings', { evidenceType })
    const asked = { subject: sub, viewer: { acr }, evidenceType, limit: pageSizeOf(request.pageSize, usualHoldings) }
    const [kind = '', after = ''] = tokens.positionIn(request.pageToken).split('.')
    const { holdings, goOn } =
      kind === 'received'
        ? page(await receivedItems(needs, asked, after || undefined), asked.limit, '')
        : page(await ownItems(needs, asked, after, call), asked.limit, 'received.')
    return { holdings, nextPageToken: tokens.after(goOn) }
  },
})
