import { contactForm, helpForm, type Said, saidLabels } from './booking-form.js'
import { type Faults, faultSummary } from './form-fields.js'
import { type Html, html } from './html.js'
import { type ChosenLeg, visitValue } from './joint-visit-choice.js'
import { houseOf, type JointOffers, type JointVisitSearch, jointSearchQuery } from './joint-visit-search.js'
import { offerTitle } from './joint-visit-words.js'
import { languageLink } from './layout.js'
import { dayInWords, localDayOf, localFormOf, timeInWords, zoneNote } from './local-times.js'
import { formToken, type Page, type PersonalVisit } from './visit.js'

/** A visit that was chosen and is not booked. */
export interface Chosen {
  /** Drawn once for the form, so that one that is sent twice books one visit. */
  readonly visitId: string
  readonly legs: readonly ChosenLeg[]
}

const legsSection = (visit: PersonalVisit, all: JointOffers, search: JointVisitSearch, { legs }: Chosen): Html => {
  const { say, words } = visit
  const house = houseOf(all, search)
  const zone = house?.zone ?? 'Europe/Paris'
  const inOrder = [...legs].sort((a, b) => a.startsAtMs - b.startsAtMs)
  const day = localDayOf(localFormOf(inOrder[0]?.startsAtMs ?? 0, zone))
  return html`<dl><dt>${say('Quand', 'When')}</dt><dd><strong>${dayInWords(visit, day)}</strong>${zoneNote(visit, zone)}<ol class="plain">${inOrder.map(
    (leg) =>
      html`<li><strong>${timeInWords(visit, localFormOf(leg.startsAtMs, zone))}</strong>, ${offerTitle(visit, all.offers, leg)} <span class="quiet">(${words.member(leg.member)})</span></li>`,
  )}</ol></dd>${
    house
      ? html`<dt>${say('Où', 'Where')}</dt><dd>${words.print(house.title)}${house.address === null ? undefined : html`<br>${house.address}, ${house.postCode ?? ''} ${house.city ?? ''}`}</dd>`
      : undefined
  }</dl>`
}

/** The form after a visit was chosen; nothing is kept until it is sent. */
export const jointVisitConfirmPage = (
  visit: PersonalVisit,
  all: JointOffers,
  search: JointVisitSearch,
  chosen: Chosen,
  { said, faults }: { readonly said: Said; readonly faults: Faults },
): Page => {
  const { say, session } = visit
  const query = jointSearchQuery(search).toString()
  const again = `/visits?${query}`
  const title = say('Confirmer la visite', 'Confirm the visit')
  return {
    title: faults.size > 0 ? `${say('À corriger : ', 'To correct: ')}${title}` : title,
    ...(faults.size > 0 && { status: 422 }),
    // This page has no address of its own.
    languages: languageLink(visit, again),
    body: html`${faultSummary(visit, faults, saidLabels(visit, ['counter']))}${legsSection(visit, all, search, chosen)}
<p class="note">${say(
      'Ces horaires ne sont pas encore gardés. Quand vous confirmez, nous demandons à chaque organisme : tous les rendez-vous sont pris, ou aucun.',
      'These times are not kept yet. When you confirm, we ask each body: all the appointments are made, or none.',
    )}</p>
<p class="quiet">${say(
      'Les autres organismes reçoivent l’horaire, le sujet, un code, et ce que vous dites plus bas pour vous aider. Ils ne reçoivent pas votre nom.',
      'The other bodies get the time, the subject, a code, and what you say below that helps you. They do not get your name.',
    )}</p>
<form method="post" action="/visits/book">${formToken(session)}<input type="hidden" name="id" value="${chosen.visitId}"><input type="hidden" name="visit" value="${visitValue(chosen.legs)}"><input type="hidden" name="search" value="${query}">
${contactForm(visit, said, faults)}
${helpForm(visit, said)}
<p class="choices"><button>${say('Prendre tous ces rendez-vous', 'Make all these appointments')}</button><a class="button second" href="${again}">${say('Choisir une autre visite', 'Choose another visit')}</a></p></form>`,
  }
}
