import type { Booking } from './booking.js'
import { channelInWords, groupInWords } from './booking-words.js'
import { type Html, html } from './html.js'
import { localFormOf, whenInWords } from './local-times.js'
import { type ChosenSlot, isSameSlot, slotValue } from './slot-choice.js'
import { placeNamed, placeTitle } from './slot-list.js'
import { type SlotSearch, searchQuery } from './slot-search.js'
import type { Visit } from './visit.js'

/** Where the times are shown with dates that were chosen before, of which another can be added. */
export const addingPath = ({ path }: Pick<Booking, 'path'>, search: SlotSearch): string => {
  const query = searchQuery(search).toString()
  return query === '' ? path : `${path}?${query}`
}

/** Where chosen dates are confirmed. */
export const datesPath = ({ path }: Pick<Booking, 'path'>, search: SlotSearch): string =>
  `${path}/dates?${searchQuery(search).toString()}`

/** When a chosen date is, on the clock of its place. */
export const dateInWords = (visit: Visit, { offered }: Pick<Booking, 'offered'>, date: ChosenSlot): Html => {
  const zone = placeNamed(offered, date.placeId)?.zone ?? 'Europe/Paris'
  return whenInWords(visit, { localStart: localFormOf(date.startsAtMs, zone), zone })
}

/** The dates that were chosen, each with a link to the page without it. */
export const chosenDates = (
  visit: Visit,
  booking: Pick<Booking, 'offered' | 'path'>,
  dates: readonly ChosenSlot[],
  search: SlotSearch,
  pathOf: typeof datesPath,
): Html => {
  const { say } = visit
  const without = (date: ChosenSlot): SlotSearch => {
    // A date that was chosen twice is removed once.
    const at = dates.findIndex((one) => isSameSlot(one, date))
    return { ...search, dates: dates.filter((_, other) => other !== at).map(slotValue) }
  }
  return html`<ul class="plain" aria-label="${say('Vos dates', 'Your dates')}">${dates.map((date) => {
    const when = dateInWords(visit, booking, date)
    const rest = without(date)
    const path = (rest.dates.length === 0 ? addingPath : pathOf)(booking, rest)
    return html`<li><strong>${when}</strong>, ${placeTitle(visit, booking.offered, date.placeId)}, ${channelInWords(visit, date.channel)}${
      date.company === 'group' ? `, ${groupInWords(visit)}` : ''
    }<br><a href="${path}">${say('Retirer', 'Remove')}<span class="hidden"> ${when}</span></a></li>`
  })}</ul>`
}
