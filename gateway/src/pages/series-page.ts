import { type Reason, reasons } from '@unefois/proto/reasons'
import { randomSecret } from '../session/secrets.js'
import type { Booking } from './booking.js'
import { type Said, saidForm, saidLabels } from './booking-form.js'
import { type Faults, faultSummary } from './form-fields.js'
import { type Html, html } from './html.js'
import { languageLink } from './layout.js'
import { datesIn, mostDates, type SeriesFault, seriesFault } from './series-choice.js'
import { addingPath, chosenDates, dateInWords, datesPath } from './series-dates.js'
import type { ChosenSlot } from './slot-choice.js'
import { type SlotSearch, searchQuery } from './slot-search.js'
import type { Page, Visit } from './visit.js'

/** What was filled in, and what is wrong with it. */
export interface SeriesFilled {
  readonly said: Said
  readonly faults: Faults
  /** Dates that could not be had any more, which are among the chosen ones no longer. */
  readonly gone: readonly ChosenSlot[]
  /** Why nothing was booked. */
  readonly refused?: Reason
}

const faultWords = ({ say }: Visit, fault: SeriesFault, most: number): string => {
  switch (fault) {
    case 'twice':
      return say('La même date est choisie deux fois : retirez-en une.', 'The same date is chosen twice: remove one.')
    case 'overlapping':
      return say(
        'Deux de ces dates se chevauchent : retirez-en une.',
        'Two of these dates overlap: remove one of them.',
      )
    case 'too-many':
      return say(
        `Vous pouvez prendre ${most}\u00a0dates à la fois : retirez celles en trop.`,
        `You can take ${most}\u00a0dates at once: remove those beyond.`,
      )
  }
}

/** Which dates went to somebody else, and that nothing else did. */
const goneNote = (visit: Visit, booking: Booking, { gone, refused }: SeriesFilled): Html | undefined => {
  const { say } = visit
  if (refused === undefined) return undefined
  return html`<div class="alert" role="alert">${
    gone.length === 0
      ? html`<p><strong>${say('Une de ces dates n’a pas pu être prise.', 'One of these dates could not be taken.')}</strong></p>`
      : html`<p><strong>${gone.length === 1 ? say('Cette date n’est plus libre :', 'This date is no longer free:') : say('Ces dates ne sont plus libres :', 'These dates are no longer free:')}</strong></p><ul class="plain">${gone.map((date) => html`<li>${dateInWords(visit, booking, date)}</li>`)}</ul>`
  }<p>${say('Rien n’est réservé. Vos autres choix et ce que vous avez écrit sont restés.', 'Nothing is booked. Your other choices and what you wrote are still there.')}</p></div>`
}

/** To the times again, for one more or in the place of what is gone. */
const addLink = ({ say }: Visit, booking: Booking, search: SlotSearch, { gone }: SeriesFilled): Html =>
  html`<p><a class="button second" href="${addingPath(booking, search)}">${gone.length > 0 ? say('Choisir une autre date', 'Choose another date') : say('Ajouter une autre date', 'Add another date')}</a></p>`

/** Several dates before they are booked, all of them or none. */
export const seriesPage = (visit: Visit, booking: Booking, search: SlotSearch, filled: SeriesFilled): Page => {
  const { say, words } = visit
  const { said, faults, refused } = filled
  const dates = datesIn(search.dates)
  const channels = dates.map(({ channel }) => channel)
  const most = mostDates(booking)
  const fault = seriesFault(dates, most, booking.offered, search.units)
  const isFaulty = faults.size > 0 || fault !== undefined
  const title =
    dates.length === 1
      ? say('Confirmer le rendez-vous', 'Confirm the appointment')
      : say(`Confirmer vos ${dates.length}\u00a0dates`, `Confirm your ${dates.length}\u00a0dates`)
  const together =
    dates.length === 1
      ? say(
          'Rien n’est encore réservé : ce rendez-vous est pris quand vous confirmez.',
          'Nothing is booked yet: this appointment is made when you confirm.',
        )
      : say(
          'Rien n’est encore réservé : vos dates sont prises toutes ensemble quand vous confirmez.',
          'Nothing is booked yet: your dates are taken all together when you confirm.',
        )
  const form = html`${refused === undefined ? html`<p class="note">${together}</p>` : undefined}
<form method="post" action="${booking.path}/dates">${booking.token}<input type="hidden" name="key" value="${randomSecret()}"><input type="hidden" name="search" value="${searchQuery(search).toString()}">
${saidForm(visit, said, faults, channels)}
<p><button>${dates.length === 1 ? say('Prendre ce rendez-vous', 'Make this appointment') : say(`Prendre ces ${dates.length}\u00a0dates`, `Take these ${dates.length}\u00a0dates`)}</button></p></form>`
  return {
    title: isFaulty ? `${say('À corriger : ', 'To correct: ')}${title}` : title,
    ...(isFaulty && { status: 422 }),
    ...(refused && { status: reasons[refused].http }),
    languages: languageLink(visit, datesPath(booking, search)),
    body: html`${faultSummary(visit, faults, saidLabels(visit, channels))}${
      fault && html`<div class="alert" role="alert"><p>${faultWords(visit, fault, most)}</p></div>`
    }${goneNote(visit, booking, filled)}<p class="lead">${words.print(booking.offered.serviceType.title)}</p>
${chosenDates(visit, booking, dates, search, datesPath)}
${dates.length < most ? addLink(visit, booking, search, filled) : undefined}${fault ? undefined : form}`,
  }
}
