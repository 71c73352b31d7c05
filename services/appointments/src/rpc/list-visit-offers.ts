import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type {
  ListVisitOffersRequest,
  ListVisitOffersResponse,
  VisitOffer,
} from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { bookerRefusal } from '../domain/booking-rules.js'
import { sharedPlaces, visitOffers, visitPartners } from '../domain/visit-offers.js'
import type { VisitNeeds } from '../visits/needs.js'

type Needs = Pick<VisitNeeds, 'runtime' | 'book' | 'visitsOf'>

const mostPlaces = 50
const mostOffersOfMember = 200
/** What is kept back of the caller's time, to answer without who is slow. */
const answeringMs = 500

interface Asked {
  readonly member: string
  /** Undefined where it did not answer. */
  readonly offers: readonly VisitOffer[] | undefined
}

/** What another member offers; under its own name, whatever it says. */
const asked = async (
  { runtime, visitsOf }: Needs,
  member: string,
  inPlaces: readonly string[],
  { deadline }: Call,
): Promise<Asked> => {
  try {
    const found = await visitsOf(member).offerVisitServices(
      { sharedPlaces: [...inPlaces] },
      { deadline: deadline.keepingBack(answeringMs) },
    )
    const offers = found.offers.filter(({ sharedPlace }) => inPlaces.includes(sharedPlace))
    return { member, offers: offers.slice(0, mostOffersOfMember).map((offer) => ({ ...offer, member })) }
  } catch (error) {
    runtime.log.info({ err: error, member }, 'a member did not say what it offers for visits')
    return { member, offers: undefined }
  }
}

/**
 * What the caller can book of this agency comes first. Error: PLACE_UNKNOWN for a place that this agency does not share. That another
 * agency does not answer is none: it is named.
 */
export const listVisitOffers = (needs: Needs): PlainRpc<ListVisitOffersRequest, ListVisitOffersResponse> => ({
  request: z.object({ sharedPlace: z.string().max(64) }),
  handle: async ({ sharedPlace }, call) => {
    const { runtime, book } = needs
    const calendar = await book.current()
    const wanted = sharedPlaces(calendar).filter((place) => sharedPlace === '' || place.sharedPlace === sharedPlace)
    if (sharedPlace !== '' && wanted.length === 0) throw new MeshError('PLACE_UNKNOWN')
    const places = [...new Map(wanted.map((place) => [place.sharedPlace, place])).values()].slice(0, mostPlaces)
    const inPlaces = places.map((place) => place.sharedPlace)
    const way = call.caller.kind === 'system' ? 'agent' : 'person'
    const isOwn = (type: ServiceType) => bookerRefusal(type, way) === undefined
    const own = visitOffers(calendar, runtime.member, inPlaces, isOwn)
    const others = visitPartners(calendar).filter((member) => inPlaces.length > 0 && member !== runtime.member)
    const answers = await Promise.all(others.map((member) => asked(needs, member, inPlaces, call)))
    return {
      places,
      offers: [...own, ...answers.flatMap(({ offers }) => offers ?? [])],
      withoutMembers: answers.flatMap(({ member, offers }) => (offers ? [] : [member])),
    }
  },
})
