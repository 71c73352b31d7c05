import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type { Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import type {
  SearchVisitsRequest,
  SearchVisitsResponse,
  VisitWish,
} from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { isMemberId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { type ChainSlot, visitChains } from '../domain/visit-chains.js'
import { isOfferFor } from '../domain/visit-offers.js'
import type { VisitNeeds } from '../visits/needs.js'
import { visitSlots, visitWhere } from '../visits/slots.js'
import { calendarId } from './appointment-fields.js'
import { searchedNeeds } from './calendar-fields.js'

type Needs = Pick<VisitNeeds, 'runtime' | 'book' | 'openings' | 'fullOpenings' | 'visitsOf'>

const usualWaitMinutes = 30
const usualCount = 10
/** What is kept back of the caller's time, to answer without who is slow. */
const answeringMs = 500

interface Offered extends ChainSlot {
  readonly member: string
  readonly slot: Slot
}

const nameOf = ({ member, serviceTypeId }: VisitWish): string => `${member} ${serviceTypeId}`

const offered = ({ member, serviceTypeId }: VisitWish, slots: readonly Slot[], nowMs: number): Offered[] =>
  slots
    .filter((slot) => slot.serviceTypeId === serviceTypeId && slot.startsAtMs > nowMs)
    .map((slot) => {
      const { scheduleId, startsAtMs, endsAtMs } = slot
      return { id: `${member} ${serviceTypeId} ${scheduleId} ${startsAtMs}`, startsAtMs, endsAtMs, member, slot }
    })

/** What each agency offers, by the name of the wish; of one that does not answer, takes no such visit or knows no needs, nothing is there. */
const offers = async (
  needs: Needs,
  { wishes, sharedPlace, fromDay, toDay, isAccompanied, accessibility, language }: SearchVisitsRequest,
  call: Call,
): Promise<ReadonlyMap<string, readonly Offered[]>> => {
  const { runtime, visitsOf } = needs
  const found = new Map<string, readonly Offered[]>()
  const once = [...new Map(wishes.map((wish) => [nameOf(wish), wish])).values()]
  const same = { sharedPlace, fromDay, toDay, isAccompanied, accessibility, language }
  const ask = ({ serviceTypeId }: VisitWish) => ({ ...same, serviceTypeId })
  const nowMs = runtime.clock.nowMs()
  // The own ones first: what is wrong with the request is refused here, before others are asked.
  for (const wish of once.filter(({ member }) => member === runtime.member)) {
    const slots = await visitSlots(needs, ask(wish), call.caller.kind === 'system' ? 'agent' : 'person')
    found.set(nameOf(wish), offered(wish, slots, nowMs))
  }
  const deadline = call.deadline.keepingBack(answeringMs)
  const others = once.filter(({ member }) => member !== runtime.member)
  await Promise.all(
    others.map(async (wish) => {
      try {
        const offer = await visitsOf(wish.member).offerVisitSlots(ask(wish), { deadline })
        if (isOfferFor(same, offer)) found.set(nameOf(wish), offered(wish, offer.slots, nowMs))
        else runtime.log.info({ member: wish.member }, 'a member does not know the needs that were asked for')
      } catch (error) {
        runtime.log.info({ err: error, member: wish.member }, 'a member offered no slots for a visit')
      }
    }),
  )
  return found
}

/**
 * Errors: VISIT_INVALID where no meeting is wished here; SERVICE_TYPE_UNKNOWN and PLACE_UNKNOWN of this agency; RANGE_INVERTED,
 * RANGE_TOO_LONG, TIME_PASSED. That another agency does not answer, or not to the
 * needs, is none: it is named.
 */
export const searchVisits = (needs: Needs): PlainRpc<SearchVisitsRequest, SearchVisitsResponse> => ({
  request: z.object({
    ...visitWhere,
    ...searchedNeeds,
    wishes: z
      .array(z.object({ member: z.string().refine(isMemberId, 'not a member id'), serviceTypeId: calendarId }))
      .min(2)
      .max(4),
    longestWaitMinutes: z.number().int().min(0).max(120),
    isAccompanied: z.boolean(),
    most: z.number().int().min(0).max(20),
  }),
  handle: async (request, call) => {
    const { wishes, longestWaitMinutes, most } = request
    if (!wishes.some(({ member }) => member === needs.runtime.member)) throw new MeshError('VISIT_INVALID')
    const found = await offers(needs, request, call)
    const without = wishes.filter((wish) => !found.has(nameOf(wish))).map(({ member }) => member)
    const wanted = wishes.map((wish) => ({ name: nameOf(wish), slots: found.get(nameOf(wish)) ?? [] }))
    const chains = visitChains(wanted, (longestWaitMinutes || usualWaitMinutes) * 60_000, most || usualCount)
    return {
      visits: chains.map((chain) => ({ slots: chain.map(({ member, slot }) => ({ member, slot })) })),
      withoutMembers: [...new Set(without)],
    }
  },
})
