import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type {
  Holding,
  ListHoldingsRequest,
  ListHoldingsResponse,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import type { HoldingsNeeds } from '../correction-needs.js'
import { fitting } from '../domain/page-budget.js'
import { declaredTypes } from '../store/declared-versions.js'
import { basis, token } from './fields.js'
import { bytesOfHolding, ownHolding, receivedHolding } from './holding-view.js'
import { openPortalTicket } from './portal-ticket.js'

const receivedAtOnce = 20

/** One thing held, and the page token by which a list goes on after it. */
interface Item {
  readonly token: string
  readonly holding: Holding | undefined
}

/** Tokens of a list: `own.<type>` in the order of types, then `received.<exchange id>` in the order of ids. */
const pageToken = z
  .string()
  .regex(
    /^(own\.[a-z][a-z0-9-]{1,63}|received\.([0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12})?)?$/,
    'not a page token of this list',
  )

const ownItems = async (
  { runtime, holdings, registerTypes }: HoldingsNeeds,
  subject: string,
  after: string,
  { deadline }: Call,
): Promise<Item[]> => {
  const declared = await declaredTypes(runtime.postgres, subject)
  const types = [...new Set([...declared, ...registerTypes])].sort().filter((type) => type > after)
  return Promise.all(
    types.map(async (type) => {
      const origin = holdings.isElsewhere(type) ? 'register' : 'declared'
      return { token: `own.${type}`, holding: ownHolding(type, await holdings.read(subject, type, deadline), origin) }
    }),
  )
}

const receivedItems = async (
  { runtime, receivedHoldings, receivedCorrections }: HoldingsNeeds,
  subject: string,
  after: string | undefined,
): Promise<Item[]> => {
  const nowMs = runtime.clock.nowMs()
  const exchangeIds = await receivedHoldings.exchanges(subject, after, receivedAtOnce, nowMs)
  const corrected = await receivedCorrections.correctedAmong(exchangeIds)
  return Promise.all(
    exchangeIds.map(async (id) => {
      const held = await receivedHoldings.read(id, nowMs)
      return { token: `received.${id}`, holding: held && receivedHolding(held, corrected.has(id)) }
    }),
  )
}

const page = (items: readonly Item[], whatFollows: string): ListHoldingsResponse => {
  const shown = fitting(items, ({ holding }) => (holding ? bytesOfHolding(holding) : 0))
  const isCut = shown.length < items.length
  return {
    holdings: shown.flatMap(({ holding }) => holding ?? []),
    nextPageToken: isCut ? (shown.at(-1)?.token ?? '') : whatFollows,
  }
}

/** Errors: those of a portal ticket. The member's own first, then what it received; a page may be short. */
export const listHoldings = (needs: HoldingsNeeds): PlainRpc<ListHoldingsRequest, ListHoldingsResponse> => ({
  request: z.object({ ticket: token, basisId: basis, pageToken }),
  handle: async (request, call) => {
    const { sub } = openPortalTicket(needs, request, call)
    const [kind = '', after = ''] = request.pageToken.split('.')
    if (kind === 'received') {
      const items = await receivedItems(needs, sub, after || undefined)
      return page(items, items.length === receivedAtOnce ? (items.at(-1)?.token ?? '') : '')
    }
    return page(await ownItems(needs, sub, after, call), 'received.')
  },
})
