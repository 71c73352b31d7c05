import type { OfferedView } from '../rest/calendar-views.js'
import { channelInWords } from './booking-words.js'
import { communeInWords, mostNameCharacters, type NamedCommune } from './commune-search.js'
import { dateField, faultSummary, lineField, selectField } from './form-fields.js'
import { type Html, html } from './html.js'
import { needsFields } from './needs-searched.js'
import { distances, mostUnits, type SlotSearch, type SlotsFound, searchQuery } from './slot-search.js'
import type { Visit } from './visit.js'

/** The same search around each commune that may be meant. */
const communeChoice = (
  { say }: Visit,
  action: string,
  search: SlotSearch,
  communes: readonly NamedCommune[],
): Html | undefined =>
  communes.length === 0
    ? undefined
    : html`<p id="communes">${say('Laquelle est la vôtre ?', 'Which one is yours?')}</p><ul class="plain" aria-labelledby="communes">${communes.map(
        (one) =>
          html`<li><a href="${action}?${searchQuery({ ...search, commune: communeInWords(one) }).toString()}">${communeInWords(one)}</a></li>`,
      )}</ul>`

/** Dates that were chosen before, in a form that goes on with them. */
export const hiddenDates = ({ dates }: SlotSearch): Html =>
  html`${dates.map((one) => html`<input type="hidden" name="date" value="${one}">`)}`

/** The form of a search: everything in it is optional, and it is sent as an address, so that it can be kept and shared. */
export const slotSearchForm = (
  visit: Visit,
  action: string,
  { serviceType, places }: OfferedView,
  search: SlotSearch,
  found: Pick<SlotsFound, 'faults' | 'communes'>,
): Html => {
  const { say, words } = visit
  const { faults } = found
  const any = { value: '', title: say('Peu importe', 'No matter') }
  const labels = {
    commune: say('Votre commune', 'Your commune'),
    from: say('À partir du', 'From'),
  }
  const channels = serviceType.channels.filter((one) => one !== 'unknown')
  return html`${faultSummary(visit, faults, labels)}<form method="get" action="${action}">${hiddenDates(search)}
${
  places.length > 1
    ? selectField({
        name: 'place',
        label: say('Lieu', 'Place'),
        value: search.placeId,
        choices: [any, ...places.map(({ placeId, title }) => ({ value: placeId, title: words.print(title) }))],
      })
    : undefined
}${
  channels.length > 1
    ? selectField({
        name: 'channel',
        label: say('Comment être reçu', 'How to be seen'),
        value: search.channel ?? '',
        choices: [any, ...channels.map((one) => ({ value: one, title: channelInWords(visit, one) }))],
      })
    : undefined
}${needsFields(visit, search)}
<details${search.commune !== '' || search.fromDay !== '' || search.units > 1 || faults.size > 0 ? html` open` : undefined}><summary>${say('Plus de choix', 'More choices')}</summary>
${
  places.length > 1
    ? html`${lineField({
        name: 'commune',
        label: labels.commune,
        hint: say('Son nom suffit, par exemple Sedan.', 'Its name is enough, for example Sedan.'),
        value: search.commune,
        fault: faults.get('commune'),
        more: html` maxlength="${mostNameCharacters}" autocomplete="address-level2"`,
      })}${communeChoice(visit, action, search, found.communes)}
${selectField({
  name: 'km',
  label: say('À cette distance au plus', 'At this distance at most'),
  value: String(search.kilometres),
  choices: distances.map((one) => ({ value: String(one), title: `${one}\u00a0km` })),
})}`
    : undefined
}
${dateField({ name: 'from', label: labels.from, value: search.fromDay, fault: faults.get('from') })}
${selectField({
  name: 'units',
  label: say('Pour combien de personnes ou de documents', 'For how many people or documents'),
  value: String(search.units),
  choices: Array.from({ length: mostUnits }, (_, at) => ({ value: String(at + 1), title: String(at + 1) })),
})}</details>
<p><button class="second">${say('Chercher', 'Search')}</button></p></form>`
}
