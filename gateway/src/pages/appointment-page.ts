import type { AppointmentView } from '../rest/appointment-views.js'
import type { OfferedView } from '../rest/calendar-views.js'
import { randomSecret } from '../session/secrets.js'
import { type AppointmentAccess, isWhereWithheld, ownViewAcr } from './appointment-access.js'
import { bringSection, cancelledSection, meetingSection } from './appointment-sections.js'
import { bookPath } from './booking.js'
import { appointmentTag, isStanding } from './booking-words.js'
import { type Html, html } from './html.js'
import { visitNote } from './joint-visit-sections.js'
import { seriesSection } from './series-section.js'
import { loginLink, type Page, type Visit } from './visit.js'

const doneWords: Readonly<Record<string, readonly [string, string]>> = {
  booked: ['Votre rendez-vous est pris.', 'Your appointment is made.'],
  'series-booked': ['Vos dates sont prises.', 'Your dates are taken.'],
  moved: ['Votre rendez-vous est déplacé.', 'Your appointment has been moved.'],
  cancelled: ['Votre rendez-vous est annulé.', 'Your appointment is cancelled.'],
  'series-cancelled': [
    'Les dates à venir de la série sont annulées. Une date trop proche ne s’annule plus ici : elle reste dans vos rendez-vous.',
    'The dates to come of the series are cancelled. A date that is too near is no longer cancelled here: it stays among your appointments.',
  ],
  prepared: ['Nous avons demandé ce qui pouvait l’être.', 'We asked for what could be asked for.'],
}

/** What whoever has booked without an account is to do with the address of the page. */
const secretInWords = ({ say }: Visit, appointment: AppointmentView): string =>
  isWhereWithheld(appointment)
    ? say(
        'Gardez l’adresse de cette page. Ne la donnez qu’à qui peut annuler pour vous.',
        'Keep the address of this page. Give it only to who may cancel for you.',
      )
    : say(
        'Gardez l’adresse de cette page : avec elle, et sans compte, vous voyez, déplacez ou annulez ce rendez-vous. Ne la donnez qu’à qui peut le faire pour vous.',
        'Keep the address of this page: with it, and without an account, you see, move or cancel this appointment. Give it only to who may do so for you.',
      )

const doneNote = (visit: Visit, { secret }: AppointmentAccess, appointment: AppointmentView): Html | undefined => {
  const { say, query } = visit
  const words =
    typeof query.done === 'string' && Object.hasOwn(doneWords, query.done) ? doneWords[query.done] : undefined
  if (!words) return undefined
  return html`<div class="note" role="status"><p><strong>${say(...words)}</strong>${
    secret && query.done === 'booked' ? html` ${secretInWords(visit, appointment)}` : undefined
  }</p></div>`
}

/** How to go on where the page does not show where it is; it says nothing of why. */
const whereNote = ({ say }: Visit, { appointmentId }: AppointmentView): Html =>
  html`<div class="note"><p>${say(
    'Pour voir le lieu ou changer d’horaire, l’adresse de cette page ne suffit pas : connectez-vous avec un moyen plus sûr, ou appelez-nous. Annuler reste possible ici.',
    'To see the place or change the time, the address of this page is not enough: log in by a stronger means, or call us. You can still cancel here.',
  )}</p><p><a class="button" href="${loginLink(`/appointments/${appointmentId}`, ownViewAcr)}">${say('Se connecter', 'Log in')}</a></p></div>`

/** What a page of an appointment says beside it. */
export interface Around {
  readonly offered: OfferedView | undefined
  readonly preparing: Html | undefined
  /** Dates of its series that are still to come. */
  readonly series: readonly AppointmentView[]
}

/** One appointment, to its person or to who knows its secret. */
export const appointmentPage = (
  visit: Visit,
  access: AppointmentAccess,
  appointment: AppointmentView,
  { offered, preparing, series }: Around,
): Page => {
  const { say, words } = visit
  const standing = isStanding(appointment)
  const withheld = isWhereWithheld(appointment)
  const isMovable = appointment.visitId === null && !withheld
  return {
    title: words.print(appointment.title),
    body: html`${doneNote(visit, access, appointment)}<p>${appointmentTag(visit, appointment.state)}</p>
${cancelledSection(visit, appointment)}${meetingSection(visit, appointment)}${withheld && standing ? whereNote(visit, appointment) : undefined}
${access.secret ? undefined : visitNote(visit, appointment)}${seriesSection(visit, access.pathOf, appointment, series)}
${standing ? bringSection(visit, appointment, offered, preparing) : undefined}
<p><a href="${access.path}/calendar.ics">${say('Mettre dans mon agenda', 'Put it in my calendar')}</a></p>
${
  standing
    ? html`<p class="choices">${isMovable ? html`<a class="button second" href="${access.path}/move">${say('Changer d’horaire', 'Change the time')}</a>` : undefined}<a class="button second" href="${access.path}/cancel">${say('Annuler', 'Cancel it')}</a></p>`
    : html`<p><a href="${bookPath(appointment.serviceTypeId)}">${say('Prendre un autre rendez-vous', 'Make another appointment')}</a></p>`
}${access.secret ? undefined : html`<p><a href="/appointments">${say('Voir tous mes rendez-vous', 'See all my appointments')}</a></p>`}`,
  }
}

/** The question before an appointment is cancelled. */
export const cancellationPage = (
  visit: Visit,
  access: AppointmentAccess,
  appointment: AppointmentView,
  series: readonly AppointmentView[],
): Page => {
  const { say } = visit
  const isSeries = appointment.seriesId !== null
  return {
    title: say('Annuler ce rendez-vous ?', 'Cancel this appointment?'),
    body: html`${meetingSection(visit, appointment)}${access.secret ? undefined : visitNote(visit, appointment)}${
      appointment.visitId === null
        ? undefined
        : html`<p>${say('Ici, vous annulez ce rendez-vous seul : les autres de la visite restent.', 'Here you cancel this appointment alone: the others of the visit stay.')}</p>`
    }${seriesSection(visit, access.pathOf, appointment, series)}<p>${say(
      'La place est rendue tout de suite à quelqu’un d’autre. Annuler n’a aucune autre conséquence.',
      'The time goes to somebody else at once. To cancel has no other consequence.',
    )}</p><form method="post" action="${access.path}/cancel">${access.token}<input type="hidden" name="key" value="${randomSecret()}"><p class="choices"><button>${
      isSeries ? say('Annuler seulement cette date', 'Cancel this date only') : say('Oui, l’annuler', 'Yes, cancel it')
    }</button>${
      isSeries
        ? html`<button name="series" value="yes">${say('Annuler toutes les dates à venir', 'Cancel all dates to come')}</button>`
        : undefined
    }<a class="button second" href="${access.path}">${say('Non, le garder', 'No, keep it')}</a></p></form>`,
  }
}
