import type { Booking } from './booking.js'
import type { TakingSlots } from './booking-search-page.js'
import { type Html, html } from './html.js'
import { mostDates } from './series-choice.js'
import { addingPath, chosenDates, datesPath } from './series-dates.js'
import type { ChosenSlot } from './slot-choice.js'
import type { SlotSearch } from './slot-search.js'
import type { Visit } from './visit.js'

/** How a date is added to those that were chosen, which are shown first. */
export const addingDate = (
  visit: Visit,
  booking: Booking,
  search: SlotSearch,
  chosen: readonly ChosenSlot[],
  notTaken: Html | undefined,
): TakingSlots => {
  const { say, words } = visit
  const most = mostDates(booking)
  const onwards =
    chosen.length === 1
      ? say('Continuer avec cette date', 'Go on with this date')
      : say(`Continuer avec ces ${chosen.length}\u00a0dates`, `Go on with these ${chosen.length}\u00a0dates`)
  const enough = html`<p class="note">${say(`Vous avez choisi ${chosen.length}\u00a0dates : il n’y en a pas plus à la fois.`, `You have chosen ${chosen.length}\u00a0dates: there are no more at once.`)}</p>`
  return {
    by: 'adding',
    action: `${booking.path}/dates`,
    title: say('Ajouter une autre date', 'Add another date'),
    lead: html`<p class="lead">${words.print(booking.offered.serviceType.title)}</p><h2>${say('Vos dates', 'Your dates')}</h2>${chosenDates(visit, booking, chosen, search, addingPath)}<p><a class="button second" href="${datesPath(booking, search)}">${onwards}</a></p>`,
    notTaken: notTaken ?? (chosen.length < most ? undefined : enough),
    otherWays: undefined,
  }
}
