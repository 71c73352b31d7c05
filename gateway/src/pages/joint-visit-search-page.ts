import { type Reason, reasons } from '@unefois/proto/reasons'
import type { OfferedPlaceView } from '../rest/calendar-views.js'
import type { SlotView } from '../rest/slot-views.js'
import type { VisitOfferView } from '../rest/visit-views.js'
import { dateField, type Faults, faultSummary, selectField } from './form-fields.js'
import { type Html, html } from './html.js'
import { type ChosenLeg, visitValue } from './joint-visit-choice.js'
import {
  findJointVisits,
  houseOf,
  type JointOffers,
  type JointVisitSearch,
  type JointVisitsFound,
  jointOffers,
  jointSearchQuery,
  offersIn,
  wishValue,
} from './joint-visit-search.js'
import { lengthInWords, minutesInWords, offerTitle } from './joint-visit-words.js'
import { dayInWords, dayLater, localDayOf, timeInWords, zoneNote } from './local-times.js'
import { needsFields } from './needs-searched.js'
import type { PageDoor } from './page-door.js'
import { formToken, type Page, type PersonalVisit, type Visit } from './visit.js'

const wishBox = (visit: Visit, one: VisitOfferView, at: number, { wishes }: JointVisitSearch): Html => {
  const id = at === 0 ? 'wish' : `wish-${at}`
  return html`<label for="${id}"><input type="checkbox" id="${id}" name="wish" value="${wishValue(one)}"${
    wishes.includes(wishValue(one)) ? html` checked` : undefined
  }> <span>${visit.words.print(one.title)} <span class="quiet">(${visit.words.member(one.member)}, ${minutesInWords(visit, one.durationMinutes)})</span></span></label>`
}

const searchForm = (
  visit: Visit,
  all: JointOffers,
  house: OfferedPlaceView | undefined,
  search: JointVisitSearch,
  faults: Faults,
): Html => {
  const { say, words } = visit
  const labels = { wish: say('Rendez-vous', 'Appointments'), from: say('À partir du', 'From') }
  const offers = house ? offersIn(all, house) : []
  const fault = faults.get('wish')
  return html`${faultSummary(visit, faults, labels)}<form method="get" action="/visits">
${
  all.places.length > 1
    ? selectField({
        name: 'place',
        label: say('Dans quel lieu ?', 'In which place?'),
        value: house?.sharedPlace ?? '',
        choices: all.places.map((one) => ({ value: one.sharedPlace ?? '', title: words.print(one.title) })),
      })
    : undefined
}${
  house
    ? html`<fieldset${fault === undefined ? undefined : html` aria-describedby="wish-fault"`}><legend>${say('Pour quoi venez-vous ?', 'What do you come for?')}</legend><span class="quiet small">${say('Deux rendez-vous ou plus.', 'Two appointments or more.')}</span>${
        fault === undefined ? undefined : html`<strong class="alert small" id="wish-fault">${fault}</strong>`
      }${offers.map((one, at) => wishBox(visit, one, at, search))}</fieldset>
${dateField({ name: 'from', label: labels.from, value: search.fromDay, fault: faults.get('from') })}
${needsFields(visit, search)}`
    : undefined
}<p><button class="second">${house ? say('Chercher', 'Search') : say('Continuer', 'Go on')}</button></p></form>`
}

type Meetings = readonly { readonly member: string; readonly slot: SlotView }[]

const visitCard = (visit: Visit, meetings: Meetings, offers: readonly VisitOfferView[]): Html => {
  const { say, words } = visit
  const [first] = meetings
  if (!first) return html``
  const day = dayInWords(visit, localDayOf(first.slot.localStart))
  const time = timeInWords(visit, first.slot.localStart)
  const legs: ChosenLeg[] = meetings.map(({ member, slot }) => ({
    member,
    scheduleId: slot.scheduleId,
    serviceTypeId: slot.serviceTypeId,
    startsAtMs: Date.parse(slot.startsAt),
  }))
  return html`<li class="card"><ol class="plain">${meetings.map(
    ({ member, slot }) =>
      html`<li><strong>${timeInWords(visit, slot.localStart)}</strong>, ${offerTitle(visit, offers, { member, serviceTypeId: slot.serviceTypeId })} <span class="quiet">(${words.member(member)}, ${lengthInWords(visit, slot)})</span>${
        slot.isReserved ? html` <span class="tag other">${say('Gardé pour vous', 'Kept for you')}</span>` : undefined
      }</li>`,
  )}</ol><p><button name="visit" value="${visitValue(legs)}">${say('Choisir cette visite', 'Choose this visit')}<span class="hidden">, ${day}${say(' à ', ' at ')}${time}</span></button></p></li>`
}

const byDay = (visits: readonly Meetings[]): Map<string, Meetings[]> => {
  const days = new Map<string, Meetings[]>()
  for (const one of visits) {
    const day = localDayOf(one[0]?.slot.localStart ?? '')
    days.set(day, [...(days.get(day) ?? []), one])
  }
  return days
}

const nobodyAnswered = ({ say, words }: Visit, without: readonly string[]): Html | undefined =>
  without.length === 0
    ? undefined
    : html`<p class="note">${say('Sans réponse en ce moment : ', 'No answer at the moment: ')}${without.map((one) => words.member(one)).join(', ')}${say('. Réessayez plus tard, ou prenez les rendez-vous un par un.', '. Try again later, or make the appointments one by one.')}</p>`

const results = (
  visit: PersonalVisit,
  { visits, days }: JointVisitsFound,
  offers: readonly VisitOfferView[],
  search: JointVisitSearch,
): Html | undefined => {
  const { say, session } = visit
  if (!visits) return undefined
  const zone = visits[0]?.[0]?.slot.zone ?? 'Europe/Paris'
  const later = { ...search, fromDay: dayLater(days.to, 1) }
  const further = html`<p><a href="/visits?${jointSearchQuery(later).toString()}">${say('Chercher plus tard que le ', 'Search later than ')}${dayInWords(visit, days.to)}</a></p>`
  if (visits.length === 0)
    return html`<p class="card">${say(
      'Nous ne trouvons pas ces rendez-vous à la suite l’un de l’autre, jusqu’au ',
      'We do not find these appointments one after the other, until ',
    )}${dayInWords(visit, days.to)}${say('. Essayez avec moins de rendez-vous, ou plus tard.', '. Try with fewer appointments, or later.')}</p>${further}`
  return html`<h2 id="visits">${say('Visites possibles', 'Possible visits')}</h2><form method="post" action="/visits/choose">${formToken(session)}<input type="hidden" name="search" value="${jointSearchQuery(search).toString()}">${[...byDay(visits)].map(([day, all]) => html`<h3>${dayInWords(visit, day)}${zoneNote(visit, zone)}</h3><ul class="cards">${all.map((one) => visitCard(visit, one, offers))}</ul>`)}</form>${further}`
}

const noHouse = ({ say }: Visit): Html =>
  html`<p class="card">${say('Aucun autre organisme ne reçoit en ce moment dans nos lieux.', 'No other body sees people in our places at the moment.')}</p>`

/** The search of visits, and what it found; `alert` says why one is here again, `refused` by what. */
export const jointVisitSearchPage = async (
  door: PageDoor,
  visit: PersonalVisit,
  search: JointVisitSearch,
  alert?: { readonly words: Html; readonly refused: Reason },
): Promise<Page> => {
  const { say, words } = visit
  const all = await jointOffers(door, visit)
  const house = houseOf(all, search)
  const offers = house ? offersIn(all, house) : []
  const found = house && (await findJointVisits(door, visit, { search, house, offers }))
  const faults: Faults = found?.faults ?? new Map()
  const title = say('Une visite, plusieurs organismes', 'One visit, several bodies')
  return {
    title: faults.size > 0 ? `${say('À corriger : ', 'To correct: ')}${title}` : title,
    ...(faults.size > 0 && { status: 422 }),
    ...(alert && { status: reasons[alert.refused].http }),
    body: html`${alert?.words}<p class="lead">${say(
      'Vous voyez plusieurs organismes au même endroit, l’un après l’autre. Tous les rendez-vous sont pris, ou aucun.',
      'You see several bodies in the same place, one after the other. All the appointments are made, or none.',
    )}</p>${
      house
        ? html`<p>${words.print(house.title)}${house.address === null ? undefined : html`<br><span class="quiet">${house.address}, ${house.postCode ?? ''} ${house.city ?? ''}</span>`}</p>`
        : undefined
    }${all.places.length === 0 ? noHouse(visit) : searchForm(visit, all, house, search, faults)}
${nobodyAnswered(visit, [...new Set([...all.without, ...(found?.without ?? [])])])}
${found ? results(visit, found, offers, search) : undefined}
<p><a href="/book">${say('Prendre un seul rendez-vous', 'Make one appointment alone')}</a></p>`,
  }
}
