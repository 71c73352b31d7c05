import type { Accessibility, MeetingChannel, ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { KnownSchedule } from './calendar.js'
import { kilometresBetween, type Point } from './distance.js'
import { type NumberSet, numberSet } from './number-set.js'
import { remembered } from './remembered.js'

/** Which schedules come into question for somebody. */
export interface SlotWish {
  readonly serviceType: Pick<ServiceType, 'channels'>
  /** Empty: anywhere. */
  readonly placeIds: readonly string[]
  readonly near: { readonly centre: Point; readonly kilometres: number } | undefined
  /** Undefined: any. */
  readonly channel: MeetingChannel | undefined
  readonly accessibility: readonly Accessibility[]
  /** Empty: any. */
  readonly language: string
  readonly units: number
}

/** The ways in which a service type is met at a schedule. */
export const channelsOf = (
  { schedule }: Pick<KnownSchedule, 'schedule'>,
  { channels }: Pick<ServiceType, 'channels'>,
): MeetingChannel[] => schedule.channels.filter((channel) => channels.includes(channel))

/** Basic filtering of RFC 4647: "fr" is spoken by who speaks "fr-BE". */
const speaks = (languages: readonly string[], wanted: string): boolean =>
  languages.some((each) => `${each}-`.toLowerCase().startsWith(`${wanted}-`.toLowerCase()))

const suits = (known: KnownSchedule, wish: SlotWish, places: ReadonlySet<string>): boolean => {
  const { near, channel, accessibility, language, units } = wish
  const { place, practitioner, room, schedule } = known
  if (places.size > 0 && !places.has(place.placeId)) return false
  // The distance to a confidential place is told to nobody.
  if (near && (place.isConfidential || kilometresBetween(near.centre, place) > near.kilometres)) return false
  const channels = channelsOf(known, wish.serviceType)
  if (channel === undefined ? channels.length === 0 : !channels.includes(channel)) return false
  if (!accessibility.every((each) => place.accessibility.includes(each) || room?.of.accessibility.includes(each)))
    return false
  if (language !== '' && !(practitioner && speaks(practitioner.of.languages, language))) return false
  // Each who comes to a group books a seat of their own.
  return units === 1 || schedule.seats === 1
}

/** The schedules that suit a wish. */
export interface Suitable {
  readonly schedules: readonly KnownSchedule[]
  readonly byNo: ReadonlyMap<number, KnownSchedule>
  readonly nos: readonly number[]
  /** The same numbers; undefined where they lie too far apart. */
  readonly noSet: NumberSet | undefined
  readonly zones: readonly string[]
}

// The same wishes come again and again, and thousands of schedules are long to look through.
const mostWishes = 100
const known = new WeakMap<readonly KnownSchedule[], ReturnType<typeof remembered<Suitable>>>()

/** Those of the schedules that offer a service type which suit a wish. */
export const suitableSchedules = (offered: readonly KnownSchedule[], wish: SlotWish): Suitable => {
  const ofThese = known.get(offered) ?? remembered<Suitable>(mostWishes)
  known.set(offered, ofThese)
  const { serviceType, ...rest } = wish
  return ofThese(JSON.stringify([serviceType.channels, rest]), () => {
    const places = new Set(wish.placeIds)
    const schedules = offered.filter((each) => suits(each, wish, places))
    const byNo = new Map(schedules.map((each) => [each.no, each]))
    const nos = [...byNo.keys()]
    const zones = [...new Set(schedules.map(({ place }) => place.zone))]
    return { schedules, byNo, nos, noSet: numberSet(nos), zones }
  })
}
