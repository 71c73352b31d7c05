import type { OfferedView } from '../rest/calendar-views.js'
import {
  accessibilityInWords,
  accessibilityNames,
  channelInWords,
  languageInWords,
  languageTags,
} from './booking-words.js'
import { boxField, type Faults, faultSummary, lineField, selectField } from './form-fields.js'
import { type Html, html } from './html.js'
import { distances, mostUnits, type SlotSearch } from './slot-search.js'
import type { Visit } from './visit.js'

/** The form of a search: everything in it is optional, and it is sent as an address, so that it can be kept and shared. */
export const slotSearchForm = (
  visit: Visit,
  action: string,
  { serviceType, places }: OfferedView,
  search: SlotSearch,
  faults: Faults,
): Html => {
  const { say, words } = visit
  const any = { value: '', title: say('Peu importe', 'No matter') }
  const labels = {
    commune: say('Code de votre commune', 'Code of your commune'),
    from: say('À partir du', 'From'),
  }
  const communes = [...new Map(places.flatMap(({ commune, city }) => (commune ? [[commune, city ?? '']] : [])))]
  const channels = serviceType.channels.filter((one) => one !== 'unknown')
  return html`${faultSummary(visit, faults, labels)}<form method="get" action="${action}">
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
}<fieldset><legend>${say('Si vous en avez besoin', 'If you need it')}</legend>${boxField({
    name: 'accompanied',
    value: 'yes',
    title: say(
      'Je suis accompagné, ou c’est difficile pour moi : aucun justificatif demandé',
      'I am accompanied, or this is hard for me: no proof is asked',
    ),
    isChecked: search.isAccompanied,
  })}${accessibilityNames.map((one) =>
    boxField({
      name: 'access',
      value: one,
      title: accessibilityInWords(visit, one),
      isChecked: search.accessibility.includes(one),
    }),
  )}</fieldset>
${selectField({
  name: 'language',
  label: say('Un agent qui parle', 'An agent who speaks'),
  value: search.language,
  choices: [any, ...languageTags.map((tag) => ({ value: tag, title: languageInWords(visit, tag) }))],
})}
<details${search.commune !== '' || search.fromDay !== '' || search.units > 1 || faults.size > 0 ? html` open` : undefined}><summary>${say('Plus de choix', 'More choices')}</summary>
${
  places.length > 1
    ? html`${lineField({
        name: 'commune',
        label: labels.commune,
        hint: say(
          'Le code INSEE, à 5 caractères ; ce n’est pas le code postal.',
          'The INSEE code of 5 characters; it is not the post code.',
        ),
        value: search.commune,
        fault: faults.get('commune'),
        more: html` maxlength="5" autocomplete="off" list="communes"`,
      })}<datalist id="communes">${communes.map(([code, city]) => html`<option value="${code}">${city}</option>`)}</datalist>
${selectField({
  name: 'km',
  label: say('À cette distance au plus', 'At this distance at most'),
  value: String(search.kilometres),
  choices: distances.map((one) => ({ value: String(one), title: `${one}\u00a0km` })),
})}`
    : undefined
}
<div class="field"><label for="from">${labels.from}</label>${
    faults.get('from') === undefined
      ? undefined
      : html`<strong class="alert small" id="from-fault">${faults.get('from')}</strong>`
  }<input type="date" id="from" name="from" value="${search.fromDay}"${
    faults.get('from') === undefined ? undefined : html` aria-describedby="from-fault" aria-invalid="true"`
  }></div>
${selectField({
  name: 'units',
  label: say('Pour combien de personnes ou de documents', 'For how many people or documents'),
  value: String(search.units),
  choices: Array.from({ length: mostUnits }, (_, at) => ({ value: String(at + 1), title: String(at + 1) })),
})}</details>
<p><button class="second">${say('Chercher', 'Search')}</button></p></form>`
}
