import { randomSecret } from '../session/secrets.js'
import type { Booking } from './booking.js'
import { type Said, saidForm, saidLabels } from './booking-form.js'
import { channelInWords, groupInWords } from './booking-words.js'
import { type Faults, faultSummary } from './form-fields.js'
import { type Html, html } from './html.js'
import { languageLink } from './layout.js'
import { clockOf, localFormOf, whenInWords } from './local-times.js'
import { numberForm, numberLabels, type secondAppointment } from './pre-application-fields.js'
import { mostDates } from './series-choice.js'
import { addingPath } from './series-dates.js'
import { type ChosenSlot, slotValue } from './slot-choice.js'
import { placeNamed } from './slot-list.js'
import { type SlotSearch, searchQuery } from './slot-search.js'
import type { Page, Visit } from './visit.js'

/** A slot that is held for whoever fills in the form. */
export interface Held {
  readonly holdId: string
  readonly untilMs: number
  readonly chosen: ChosenSlot
}

/** What was filled in, and what is wrong with it. */
export interface Filled {
  readonly said: Said
  readonly numbers: readonly string[]
  readonly faults: Faults
  readonly second?: ReturnType<typeof secondAppointment>
}

/** How many numbers of pre-applications the national hub wants for this. */
export const numbersWanted = ({ offered }: Pick<Booking, 'offered'>, units: number): number =>
  offered.serviceType.hubReasons.length === 0 ? 0 : units

/** When, where and how, before it is booked. */
export const chosenSection = (visit: Visit, { offered }: Pick<Booking, 'offered'>, chosen: ChosenSlot): Html => {
  const { say, words } = visit
  const place = placeNamed(offered, chosen.placeId)
  const zone = place?.zone ?? 'Europe/Paris'
  const localStart = localFormOf(chosen.startsAtMs, zone)
  return html`<dl><dt>${say('Quand', 'When')}</dt><dd><strong>${whenInWords(visit, { localStart, zone })}</strong></dd>
${
  place
    ? html`<dt>${say('Où', 'Where')}</dt><dd>${words.print(place.title)}${place.address === null ? undefined : html`<br>${place.address}, ${place.postCode ?? ''} ${place.city ?? ''}`}${
        place.isConfidential
          ? html`<br>${say('L’adresse vous est donnée une fois le rendez-vous pris.', 'You are told the address once the appointment is made.')}`
          : undefined
      }</dd>`
    : undefined
}<dt>${say('Comment', 'How')}</dt><dd>${channelInWords(visit, chosen.channel)}${chosen.company === 'group' ? `, ${groupInWords(visit)}` : ''}</dd></dl>`
}

/** The step to a series: the held slot is its first date. */
const furtherDate = ({ say }: Visit, booking: Booking, { chosen }: Held, search: SlotSearch): Html | undefined => {
  const most = mostDates(booking)
  return most === 1
    ? undefined
    : html`<p><a class="button second" href="${addingPath(booking, { ...search, dates: [slotValue(chosen)] })}">${say('Ajouter une autre date', 'Add another date')}</a></p><p class="quiet">${say(`Jusqu’à ${most}\u00a0dates, prises ensemble.`, `Up to ${most}\u00a0dates, taken together.`)}</p>`
}

/** The form after a slot was chosen; the page says until when it is kept. */
export const holdPage = (
  visit: Visit,
  booking: Booking,
  held: Held,
  search: SlotSearch,
  { said, numbers, faults, second }: Filled,
): Page => {
  const { say } = visit
  const { path, token, offered } = booking
  const zone = placeNamed(offered, held.chosen.placeId)?.zone ?? 'Europe/Paris'
  const until = new Date(held.untilMs).toISOString()
  const query = searchQuery(search).toString()
  const again = `${path}${query === '' ? '' : `?${query}`}`
  const wanted = numbersWanted(booking, search.units)
  const title = say('Confirmer le rendez-vous', 'Confirm the appointment')
  const labels = { ...numberLabels(visit, wanted), ...saidLabels(visit, [held.chosen.channel]) }
  return {
    title: faults.size > 0 ? `${say('À corriger : ', 'To correct: ')}${title}` : title,
    ...(faults.size > 0 && { status: 422 }),
    ...(second && { status: second.status }),
    // This page has no address of its own.
    languages: languageLink(visit, again),
    body: html`${faultSummary(visit, faults, labels)}${second?.note}<div class="note" role="status"><p>${say('Cet horaire est gardé pour vous jusqu’à ', 'This time is kept for you until ')}<strong>${clockOf(visit, until, zone)}</strong>${say('. Ensuite il est rendu ; vous pourrez le reprendre s’il est encore libre.', '. After that it is given back; you can take it again if it is still free.')}</p></div>
${chosenSection(visit, booking, held.chosen)}${furtherDate(visit, booking, held, search)}
<form method="post" action="${path}/confirm">${token}<input type="hidden" name="key" value="${randomSecret()}"><input type="hidden" name="hold" value="${held.holdId}"><input type="hidden" name="until" value="${held.untilMs}"><input type="hidden" name="slot" value="${slotValue(held.chosen)}"><input type="hidden" name="search" value="${query}">
${numberForm(visit, wanted, numbers, faults)}${second?.question}
${saidForm(visit, said, faults, [held.chosen.channel])}
<p class="choices"><button>${say('Prendre ce rendez-vous', 'Make this appointment')}</button><a class="button second" href="${again}">${say('Choisir un autre horaire', 'Choose another time')}</a></p></form>`,
  }
}
