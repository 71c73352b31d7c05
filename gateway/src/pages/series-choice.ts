import type { OfferedView } from '../rest/calendar-views.js'
import type { Booking } from './booking.js'
import { type ChosenSlot, chosenSlotIn, isSameSlot } from './slot-choice.js'

// Dates of a series, as somebody chooses them one after the other.

type Series = Pick<Booking, 'offered' | 'secret'>

/** How many dates of this somebody may book at once; a secret and a pre-application are for one. */
export const mostDates = ({ offered: { serviceType }, secret }: Series): number => {
  const { isUrgent, hubReasons, longestSeries } = serviceType
  return secret || isUrgent || hubReasons.length > 0 ? 1 : Math.max(1, longestSeries)
}

/** The dates that a search carries, the first to begin first. Error: REQUEST_INVALID for what no button of ours stands for. */
export const datesIn = (values: readonly string[]): ChosenSlot[] =>
  values.map(chosenSlotIn).sort((one, other) => one.startsAtMs - other.startsAtMs)

/** Why dates are not booked together. */
export type SeriesFault = 'too-many' | 'twice' | 'overlapping'

const minuteMs = 60_000

/** What is wrong with dates in their order, before anybody is asked; nobody is seen at two places at a time. */
export const seriesFault = (
  dates: readonly ChosenSlot[],
  most: number,
  { serviceType }: Pick<OfferedView, 'serviceType'>,
  units: number,
): SeriesFault | undefined => {
  const lastsMs = serviceType.durationMinutes * units * minuteMs
  const pairs = dates.slice(1).map((date, at) => [dates[at] ?? date, date] as const)
  if (pairs.some(([before, date]) => isSameSlot(before, date))) return 'twice'
  if (pairs.some(([before, date]) => date.startsAtMs < before.startsAtMs + lastsMs)) return 'overlapping'
  return dates.length > most ? 'too-many' : undefined
}
