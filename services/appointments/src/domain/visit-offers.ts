import type { Place, ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type {
  OfferVisitSlotsRequest,
  OfferVisitSlotsResponse,
  VisitOffer,
} from '@unefois/proto/gen/unefois/appointments/v1/visits'
import type { Calendar, KnownSchedule } from './calendar.js'
import { channelOfVisit } from './visit.js'

const isCounter = ({ schedule }: KnownSchedule, { channels }: ServiceType): boolean =>
  schedule.channels.includes(channelOfVisit) && channels.includes(channelOfVisit)

/** The places that this agency shares with others, without confidential ones, of which nobody hears. */
export const sharedPlaces = ({ places }: Calendar): Place[] =>
  [...places.values()].filter(({ sharedPlace, isConfidential }) => sharedPlace !== '' && !isConfidential)

/** The members to whose visits this agency opens something: with them it shares its places. */
export const visitPartners = ({ serviceTypes }: Calendar): string[] => [
  ...new Set([...serviceTypes.values()].flatMap(({ isRetired, visitMembers }) => (isRetired ? [] : visitMembers))),
]

/** For what an agency sees somebody at the counters of shared places, of the service types that are open to whoever asks. */
export const visitOffers = (
  calendar: Calendar,
  member: string,
  inPlaces: readonly string[],
  isOpen: (type: ServiceType) => boolean,
): VisitOffer[] => {
  const shared = new Set(sharedPlaces(calendar).map(({ placeId }) => placeId))
  const types = [...calendar.serviceTypes.values()].filter((type) => !type.isRetired && !type.isUrgent && isOpen(type))
  return types.flatMap((type) => {
    const { serviceTypeId, title, summary, durationMinutes } = type
    const offered = (calendar.offering.get(serviceTypeId) ?? []).filter(
      (each) => shared.has(each.place.placeId) && isCounter(each, type),
    )
    const where = new Set(offered.map(({ place }) => place.sharedPlace))
    return inPlaces
      .filter((sharedPlace) => where.has(sharedPlace))
      .map((sharedPlace) => ({ member, serviceTypeId, title, summary, durationMinutes, sharedPlace }))
  })
}

/** Whether slots that another member offered may be shown to who asked: one whose version does not know the needs offers any. */
export const isOfferFor = (
  { accessibility, language }: Pick<OfferVisitSlotsRequest, 'accessibility' | 'language'>,
  { areNeedsMet }: Pick<OfferVisitSlotsResponse, 'areNeedsMet'>,
): boolean => areNeedsMet || (accessibility.length === 0 && language === '')
