import type { OfferedPlaceView, OfferedView } from '../rest/calendar-views.js'
import type { SlotView, WalkInPlaceView } from '../rest/slot-views.js'
import { channelInWords, groupInWords, seatsInWords } from './booking-words.js'
import { type Html, html } from './html.js'
import { clockOf, dayInWords, localDayOf, timeInWords, zoneNote } from './local-times.js'
import { type ChosenSlot, chosenOf, chosenSlotIn, isSameSlot, slotValue } from './slot-choice.js'
import type { SlotSearch } from './slot-search.js'
import type { Visit } from './visit.js'

export const placeNamed = ({ places }: OfferedView, placeId: string): OfferedPlaceView | undefined =>
  places.find((one) => one.placeId === placeId)

/** Title of a place; one that is offered no more stands for itself. */
export const placeTitle = ({ words }: Visit, offered: OfferedView, placeId: string): string =>
  words.print(placeNamed(offered, placeId)?.title, placeId)

/** How a slot is chosen: by a form that its button sends under a name; `undefined`: it is only shown. */
export interface Choosing {
  readonly method: 'get' | 'post'
  readonly action: string
  readonly name: 'slot' | 'date'
  readonly hidden: Html
}

const byDay = (slots: readonly SlotView[]): Map<string, SlotView[]> => {
  const days = new Map<string, SlotView[]>()
  for (const slot of slots) {
    const day = localDayOf(slot.localStart)
    days.set(day, [...(days.get(day) ?? []), slot])
  }
  return days
}

const slotInWords = (visit: Visit, offered: OfferedView, slot: SlotView, search: SlotSearch): Html => {
  const { say } = visit
  const chosen = chosenOf(slot, search.channel)
  return html`<strong>${timeInWords(visit, slot.localStart)}</strong>${zoneNote(visit, slot.zone)}<span class="hidden">, ${dayInWords(visit, localDayOf(slot.localStart))}</span>${
    offered.places.length > 1 ? html`, ${placeTitle(visit, offered, slot.placeId)}` : undefined
  }${chosen && offered.serviceType.channels.length > 1 ? html`, ${channelInWords(visit, chosen.channel)}` : undefined}${
    slot.seats > 1 ? html`, ${groupInWords(visit)}, ${seatsInWords(visit, slot.seatsLeft)}` : undefined
  }${slot.isReserved ? html` <span class="tag other">${say('Gardé pour vous', 'Kept for you')}</span>` : undefined}`
}

const isAmong = (dates: readonly string[], chosen: ChosenSlot): boolean =>
  dates.some((one) => isSameSlot(chosenSlotIn(one), chosen))

/** Of slots that read alike one, that was chosen if any: who sees them does not choose among agents. */
const apart = (slots: readonly SlotView[], search: SlotSearch): SlotView[] => {
  const alike = new Map<string, SlotView>()
  for (const slot of slots) {
    const chosen = chosenOf(slot, search.channel)
    const read = [slot.startsAt, slot.placeId, chosen?.channel, slot.isReserved, slot.seats > 1 && slot.seatsLeft]
    const key = JSON.stringify(read)
    if (!alike.has(key) || (chosen && isAmong(search.dates, chosen))) alike.set(key, slot)
  }
  return [...alike.values()]
}

/** Free slots under the days of the places, each of which a button takes. */
export const slotsSection = (
  visit: Visit,
  offered: OfferedView,
  slots: readonly SlotView[],
  search: SlotSearch,
  choosing: Choosing | undefined,
): Html => {
  const { say } = visit
  const shown = [...byDay(apart(slots, search))].map(
    ([day, all]) =>
      html`<h3>${dayInWords(visit, day)}</h3><ul class="times">${all.map((slot) => {
        const chosen = chosenOf(slot, search.channel)
        const text = slotInWords(visit, offered, slot, search)
        if (chosen && isAmong(search.dates, chosen))
          return html`<li>${text} <span class="tag">${say('Déjà choisi', 'Chosen already')}</span></li>`
        return choosing && chosen
          ? html`<li><button class="second" name="${choosing.name}" value="${slotValue(chosen)}">${text}</button></li>`
          : html`<li>${text}</li>`
      })}</ul>`,
  )
  return html`<h2 id="slots">${say('Horaires libres', 'Free times')}</h2>${
    choosing
      ? html`<form method="${choosing.method}" action="${choosing.action}">${choosing.hidden}${shown}</form>`
      : shown
  }`
}

/** Where one is seen today without an appointment. */
export const walkInSection = (visit: Visit, offered: OfferedView, all: readonly WalkInPlaceView[]): Html => {
  const { say, words } = visit
  if (all.length === 0)
    return html`<p class="alert">${say(
      'Nos lieux sont fermés maintenant. Venez dès l’ouverture, sans rendez-vous. Si vous ne pouvez pas attendre, ces appels sont gratuits, jour et nuit :',
      'Our places are closed now. Come as soon as they open, without an appointment. If you cannot wait, these calls are free, day and night:',
    )}</p><ul><li>${say('sans abri ce soir : ', 'no shelter tonight: ')}<a href="tel:115">115</a></li><li>${say('violences conjugales, sexuelles ou sexistes : ', 'domestic, sexual or sexist violence: ')}<a href="tel:3919">3919</a></li><li>${say('en danger maintenant : ', 'in danger now: ')}<a href="tel:17">17</a>, <a href="tel:112">112</a>${say(', ou par SMS au ', ', or by text message to ')}<a href="sms:114">114</a></li></ul>`
  return html`<h2>${say('Venez aujourd’hui', 'Come today')}</h2><ul class="cards">${all.map((one) => {
    const zone = placeNamed(offered, one.placeId)?.zone ?? 'Europe/Paris'
    return html`<li class="card"><h3>${words.print(one.title)}</h3>${one.address === '' ? undefined : html`<p>${one.address}</p>`}${
      one.telephone === ''
        ? undefined
        : html`<p>${say('Téléphone : ', 'Telephone: ')}<a href="tel:${one.telephone.replace(/[^+0-9]/g, '')}">${one.telephone}</a></p>`
    }<p>${say('Ouvert aujourd’hui ', 'Open today ')}${one.hours.map(
      ({ from, to }, at) =>
        html`${at === 0 ? '' : say(' et ', ' and ')}${say('de ', 'from ')}${clockOf(visit, from, zone)}${say(' à ', ' to ')}${clockOf(visit, to, zone)}`,
    )}${zoneNote(visit, zone)}</p></li>`
  })}</ul>`
}
