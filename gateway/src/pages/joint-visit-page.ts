import { type Html, html } from './html.js'
import type { JointVisit } from './joint-visit-reading.js'
import { jointSearchQuery, wishValue } from './joint-visit-search.js'
import { lengthInWords, offerTitle, releasedInWords } from './joint-visit-words.js'
import { dayInWords, localDayOf, localFormOf, timeInWords, zoneNote } from './local-times.js'
import { typeset } from './typography.js'
import { formToken, type Page, type PersonalVisit } from './visit.js'

type Leg = JointVisit['one']['legs'][number]

const legItem = (visit: PersonalVisit, { one, offers }: JointVisit, leg: Leg, zone: string): Html => {
  const { say, words } = visit
  const title = offerTitle(visit, offers, leg)
  const isStanding = one.state === 'booked' && !leg.isCancelled
  const who = leg.member === '' ? undefined : words.member(leg.member)
  const length = Date.parse(leg.endsAt) > Date.parse(leg.startsAt) ? lengthInWords(visit, leg) : undefined
  const about = [who, length].filter((each) => each !== undefined).join(', ')
  return html`<li class="card"><header><h3>${timeInWords(visit, localFormOf(Date.parse(leg.startsAt), zone))}, ${title}</h3>${
    leg.isCancelled && one.state === 'booked'
      ? html`<span class="tag watch">${say('Annulé', 'Cancelled')}</span>`
      : undefined
  }</header><p>${about}</p>${leg.cancelledBecause === null ? undefined : html`<p class="said">${leg.cancelledBecause}</p>`}${
    isStanding && !leg.isConfirmed
      ? html`<p class="quiet">${say('C’est réservé. Cet organisme n’a pas encore confirmé qu’il l’a noté.', 'It is booked. This body has not confirmed yet that it noted it.')}</p>`
      : undefined
  }${
    isStanding && leg.appointmentId !== null
      ? html`<p><a href="/appointments/${leg.appointmentId}">${say('Voir ce qu’il faut apporter', 'See what to bring')}<span class="hidden">, ${title}</span></a></p>`
      : undefined
  }</li>`
}

const legsList = (visit: PersonalVisit, shown: JointVisit): Html => {
  const { say } = visit
  const zone = shown.place?.zone ?? 'Europe/Paris'
  const legs = [...shown.one.legs].sort((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt))
  const day = localDayOf(localFormOf(Date.parse(legs[0]?.startsAt ?? new Date(0).toISOString()), zone))
  return html`<h2>${dayInWords(visit, day)}${zoneNote(visit, zone)}</h2>${whereSection(visit, shown)}<ol class="cards" aria-label="${say('Rendez-vous de la visite', 'Appointments of the visit')}">${legs.map((leg) => legItem(visit, shown, leg, zone))}</ol>`
}

const whereSection = ({ words }: PersonalVisit, { place }: JointVisit): Html | undefined =>
  place &&
  html`<p>${words.print(place.title)}${place.address === null ? undefined : html`<br>${place.address}, ${place.postCode ?? ''} ${place.city ?? ''}`}${
    place.telephone === null
      ? undefined
      : html`<br><a href="tel:${place.telephone.replace(/[^+0-9]/g, '')}">${typeset(place.telephone)}</a>`
  }</p>`

/** The search for the same meetings again. */
const searchAgain = ({ one, place }: JointVisit): string =>
  `/visits?${jointSearchQuery({
    place: place?.sharedPlace ?? '',
    wishes: one.legs.filter(({ member }) => member !== '').map(wishValue),
    fromDay: '',
    ...{ accessibility: [], language: '', isAccompanied: false },
  }).toString()}`

const others = ({ say }: PersonalVisit, shown: JointVisit): Html =>
  html`<p class="choices"><a class="button" href="${searchAgain(shown)}">${say('Chercher une autre visite', 'Search for another visit')}</a><a class="button second" href="/book">${say('Prendre les rendez-vous un par un', 'Make the appointments one by one')}</a></p>`

const bookedBody = (visit: PersonalVisit, shown: JointVisit, nowMs: number): Html => {
  const { say } = visit
  const { one } = shown
  const isAhead = one.legs.some(({ startsAt, isCancelled }) => !isCancelled && Date.parse(startsAt) > nowMs)
  return html`<p>${say('Votre code : ', 'Your code: ')}<strong class="code">${one.code}</strong><br><span class="quiet">${say('Donnez-le à chaque guichet : les autres organismes n’ont pas votre nom.', 'Give it at each counter: the other bodies do not have your name.')}</span></p>
${legsList(visit, shown)}${
  isAhead
    ? html`<p><a class="button second" href="/visits/${one.visitId}/cancel">${say('Annuler toute la visite', 'Cancel the whole visit')}</a></p>`
    : undefined
}`
}

const pledgingBody = (visit: PersonalVisit, shown: JointVisit): Html => {
  const { say } = visit
  const path = `/visits/${shown.one.visitId}`
  return html`<p class="lead">${say(
    'Nous attendons la réponse de chaque organisme. Cela prend moins d’une minute. Rien n’est encore réservé.',
    'We wait for the answer of each body. It takes less than a minute. Nothing is booked yet.',
  )}</p><p class="choices"><a class="button" href="${path}">${say('Regarder de nouveau', 'Look again')}</a><a class="button second" href="${path}/cancel">${say('Arrêter la demande', 'Stop the request')}</a></p>${legsList(visit, shown)}`
}

const titles: Readonly<Record<JointVisit['one']['state'], readonly [string, string]>> = {
  pledging: ['Votre visite n’est pas encore réservée', 'Your visit is not booked yet'],
  booked: ['Votre visite est réservée', 'Your visit is booked'],
  released: ['Rien n’a été réservé', 'Nothing was booked'],
  cancelled: ['Cette visite est annulée', 'This visit is cancelled'],
  unknown: ['Votre visite', 'Your visit'],
}

/** Where a visit stands, at the moment `nowMs`. */
export const jointVisitPage = (visit: PersonalVisit, shown: JointVisit, nowMs: number): Page => {
  const { say } = visit
  const { one } = shown
  const bodies: Readonly<Record<typeof one.state, () => Html>> = {
    pledging: () => pledgingBody(visit, shown),
    booked: () => bookedBody(visit, shown, nowMs),
    released: () =>
      html`<div class="alert"><p>${releasedInWords(visit, one)}</p><p>${say('Aucun rendez-vous n’est pris, chez aucun organisme. Vous n’avez rien à annuler.', 'No appointment was made, with any body. There is nothing for you to cancel.')}</p></div>${others(visit, shown)}`,
    cancelled: () =>
      html`<p class="lead">${say('Les rendez-vous qui n’avaient pas commencé sont annulés, chez tous les organismes.', 'The appointments that had not begun are cancelled, at all the bodies.')}</p>${legsList(visit, shown)}${others(visit, shown)}`,
    unknown: () => legsList(visit, shown),
  }
  return {
    title: say(...titles[one.state]),
    body: html`${bodies[one.state]()}<p><a href="/appointments">${say('Voir tous mes rendez-vous', 'See all my appointments')}</a></p>`,
  }
}

/** The question before a visit is cancelled. */
export const jointVisitCancellationPage = (visit: PersonalVisit, shown: JointVisit): Page => {
  const { say, session } = visit
  const path = `/visits/${shown.one.visitId}`
  return {
    title: say('Annuler toute la visite ?', 'Cancel the whole visit?'),
    body: html`<p>${say(
      'Tous les rendez-vous qui n’ont pas commencé sont annulés, chez tous les organismes. Annuler n’a aucune autre conséquence.',
      'All the appointments that have not begun are cancelled, at all the bodies. To cancel has no other consequence.',
    )}</p>${legsList(visit, { ...shown, one: { ...shown.one, state: 'unknown' } })}<form method="post" action="${path}/cancel">${formToken(session)}<p class="choices"><button>${say('Oui, tout annuler', 'Yes, cancel everything')}</button><a class="button second" href="${path}">${say('Non, garder la visite', 'No, keep the visit')}</a></p></form>`,
  }
}

/** For who was sent here before the agency knew anything of the visit. */
export const jointVisitNotKnown = ({ say, params }: PersonalVisit, status: number): Page => ({
  title: say('Nous n’avons pas pu réserver la visite', 'We could not book the visit'),
  status,
  body: html`<p class="lead">${say(
    'Quelque chose ne répondait pas. Rien n’est réservé pour le moment. Regardez de nouveau dans une minute, ou cherchez une autre visite.',
    'Something did not answer. Nothing is booked for now. Look again in a minute, or search for another visit.',
  )}</p><p class="choices"><a class="button" href="/visits/${params.id ?? ''}?asked=yes">${say('Regarder de nouveau', 'Look again')}</a><a class="button second" href="/visits">${say('Chercher une autre visite', 'Search for another visit')}</a></p>`,
})
