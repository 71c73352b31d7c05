import { AppointmentState } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { reasons } from '@unefois/proto/reasons'
import { type AppointmentView, appointmentView } from '../rest/appointment-views.js'
import { ownCall } from './application-reading.js'
import { ownAccess, secretAccess } from './appointment-access.js'
import {
  askToCancel,
  askToMove,
  calendarFile,
  cancelFields,
  cancelNow,
  type DatesOf,
  moveFields,
  moveNow,
  showAppointment,
} from './appointment-changes.js'
import { addAppointmentPreparation, preparationLink } from './appointment-preparation.js'
import { allOffered } from './booking-reading.js'
import { appointmentTag, channelInWords } from './booking-words.js'
import { callbacksSection } from './callback-section.js'
import { type Html, html } from './html.js'
import { undecidedVisits } from './joint-visit-sections.js'
import { whenInWords } from './local-times.js'
import type { PageDoor } from './page-door.js'
import { datesOfSecret, datesOfSeries } from './series-section.js'
import { loginLink, type Page, type Visit } from './visit.js'
import { waitingSection } from './waiting-section.js'

const mostListed = 50

const card = (visit: Visit, one: AppointmentView): Html =>
  html`<li class="card"><header><h3><a href="/appointments/${one.appointmentId}">${visit.words.print(one.title)}</a></h3>${appointmentTag(visit, one.state)}</header>
<p>${whenInWords(visit, one)}</p><p class="quiet">${one.place ? visit.words.print(one.place.title) : ''}${one.place ? ', ' : ''}${channelInWords(visit, one.channel)}</p>${
    one.visitId === null
      ? undefined
      : html`<p><a href="/visits/${one.visitId}">${visit.say('Visite à plusieurs organismes : voir tout', 'Visit to several bodies: see all of it')}</a></p>`
  }${one.seriesId === null ? undefined : html`<p class="quiet">${visit.say('Fait partie d’une série de dates.', 'Part of a series of dates.')}</p>`}</li>`

/** For who comes by an address without an account: it names an appointment, and opens none. */
const howToSee = ({ say, returnTo }: Visit): Page => ({
  title: say('Voir votre rendez-vous', 'See your appointment'),
  status: reasons.LOGIN_REQUIRED.http,
  body: html`<p class="lead">${say(
    'Si vous l’avez pris avec votre compte, connectez-vous. Si vous l’avez pris sans compte, ouvrez le lien que vous avez reçu en le prenant.',
    'If you made it with your account, log in. If you made it without one, open the link that you were given when you made it.',
  )}</p><p><a class="button" href="${loginLink(returnTo)}">${say('Se connecter', 'Log in')}</a></p>
<p class="note">${say('Vous avez perdu le lien ? Appelez-nous : un agent peut le voir, le déplacer ou l’annuler pour vous.', 'Have you lost the link? Call us: an agent can see, move or cancel it for you.')}</p>`,
})

/** An agency's own pages of appointments: each person their own, and whoever knows the secret of one, that one. */
export const addAppointmentPages = (door: PageDoor): void => {
  const { neighbours, clock } = door.context

  door.showPersonal('/appointments', async (visit) => {
    const { say, person, query } = visit
    const isPast = query.past === 'yes'
    // A page token belongs to its filters, and this one moves on.
    const nowMs = /^[0-9]{1,15}$/.test(String(query.at)) ? Number(query.at) : Math.floor(clock.nowMs())
    const asked = {
      subject: person.subject,
      placeId: '',
      practitionerId: '',
      state: AppointmentState.APPOINTMENT_STATE_UNSPECIFIED,
      fromMs: isPast ? 0 : nowMs,
      toMs: isPast ? nowMs : 0,
      pageSize: mostListed,
      pageToken: typeof query.after === 'string' ? query.after.slice(0, 500) : '',
    }
    const [{ appointments, nextPageToken }, offered] = await Promise.all([
      neighbours.appointments.listAppointments(asked, ownCall(visit)),
      allOffered(door, visit),
    ])
    const [waiting, callbacks, undecided] = isPast
      ? []
      : await Promise.all([
          waitingSection(door, visit, offered),
          callbacksSection(door, visit, offered),
          asked.pageToken === '' ? undecidedVisits(door, visit) : undefined,
        ])
    const more = new URLSearchParams({
      ...(isPast && { past: 'yes' }),
      at: String(nowMs),
      after: nextPageToken,
    }).toString()
    return {
      title: isPast ? say('Mes rendez-vous passés', 'My past appointments') : say('Mes rendez-vous', 'My appointments'),
      body: html`${undecided}<h2>${isPast ? say('Passés', 'Past') : say('À venir', 'To come')}</h2>${
        appointments.length === 0
          ? html`<p class="card">${say('Aucun rendez-vous.', 'No appointment.')}</p>`
          : html`<ul class="cards">${appointments.map((one) => card(visit, appointmentView(one)))}</ul>`
      }${nextPageToken === '' ? undefined : html`<p><a href="/appointments?${more}">${say('Voir la suite', 'See more')}</a></p>`}${waiting}${callbacks}
<p>${isPast ? html`<a href="/appointments">${say('Voir ceux à venir', 'See those to come')}</a>` : html`<a href="/appointments?past=yes">${say('Voir ceux qui sont passés', 'See those that are over')}</a>`}</p>
<p><a class="button" href="/book">${say('Prendre rendez-vous', 'Make an appointment')}</a></p>`,
    }
  })

  door.show('/appointments/:id', (visit, personal) => {
    if (!visit.session) return howToSee(visit)
    const own = personal()
    return showAppointment(
      door,
      own,
      ownAccess(own),
      (appointment) => datesOfSeries(door, own, appointment),
      (appointment) => preparationLink(own, appointment),
    )
  })
  door.showPersonal('/appointments/:id/calendar.ics', (visit) => calendarFile(door, ownAccess(visit)))
  door.showPersonal('/appointments/:id/cancel', (visit) =>
    askToCancel(door, visit, ownAccess(visit), (appointment) => datesOfSeries(door, visit, appointment)),
  )
  door.submit('/appointments/:id/cancel', cancelFields, (visit, sent) => cancelNow(door, ownAccess(visit), sent))
  door.showPersonal('/appointments/:id/move', (visit) => askToMove(door, visit, ownAccess(visit)))
  door.submit('/appointments/:id/move', moveFields, (visit, sent) => moveNow(door, visit, ownAccess(visit), sent))
  addAppointmentPreparation(door)

  const datesBySecret =
    (visit: Visit): DatesOf =>
    (appointment) =>
      datesOfSecret(door, secretAccess(visit), appointment)
  // The first of a booking, and each of a series.
  for (const at of ['/appointments/by-secret/:secret', '/appointments/by-secret/:secret/:id']) {
    door.showSecret(at, (visit) => showAppointment(door, visit, secretAccess(visit), datesBySecret(visit)))
    door.showSecret(`${at}/calendar.ics`, (visit) => calendarFile(door, secretAccess(visit)))
    door.showSecret(`${at}/cancel`, (visit) => askToCancel(door, visit, secretAccess(visit), datesBySecret(visit)))
    door.submitSecret(`${at}/cancel`, cancelFields, (visit, sent) => cancelNow(door, secretAccess(visit), sent))
    door.showSecret(`${at}/move`, (visit) => askToMove(door, visit, secretAccess(visit)))
    door.submitSecret(`${at}/move`, moveFields, (visit, sent) => moveNow(door, visit, secretAccess(visit), sent))
  }
}
