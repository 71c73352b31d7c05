import { AppointmentState } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { type AppointmentView, appointmentView } from '../rest/appointment-views.js'
import type { OfferedView } from '../rest/calendar-views.js'
import { ownCall } from './application-reading.js'
import { type Html, html } from './html.js'
import { whenInWords } from './local-times.js'
import type { PageDoor } from './page-door.js'
import type { PersonalVisit, Visit } from './visit.js'

const mostListed = 20

/** Where several agencies can be seen in one visit, for an agency that shares a place. */
export const jointVisitLink = ({ say }: Visit, offered: readonly OfferedView[]): Html | undefined =>
  offered.some(({ places }) => places.some(({ sharedPlace }) => sharedPlace !== null))
    ? html`<p><a href="/visits">${say('Voir plusieurs organismes en une visite', 'See several bodies in one visit')}</a></p>`
    : undefined

/** That an appointment is one of a visit, and where the others are. */
export const visitNote = ({ say }: Visit, { visitId, visitCode }: AppointmentView): Html | undefined =>
  visitId === null
    ? undefined
    : html`<div class="note"><p>${say('Ce rendez-vous fait partie d’une visite à plusieurs organismes.', 'This appointment is part of a visit to several bodies.')}${
        visitCode === null
          ? undefined
          : html` ${say('Votre code : ', 'Your code: ')}<strong class="code">${visitCode}</strong>`
      }</p><p><a href="/visits/${visitId}">${say('Voir toute la visite', 'See the whole visit')}</a></p></div>`

/** Visits that are being decided: nothing of them is among the appointments yet. */
export const undecidedVisits = async (door: PageDoor, visit: PersonalVisit): Promise<Html | undefined> => {
  const { say, words, person } = visit
  const { appointments } = await door.context.neighbours.appointments.listAppointments(
    {
      subject: person.subject,
      placeId: '',
      practitionerId: '',
      state: AppointmentState.APPOINTMENT_STATE_HELD,
      fromMs: 0,
      toMs: 0,
      pageSize: mostListed,
      pageToken: '',
    },
    ownCall(visit),
  )
  const held = appointments.map(appointmentView).filter(({ visitId }) => visitId !== null)
  const visits = [...new Map(held.map((one) => [one.visitId, one])).values()]
  return visits.length === 0
    ? undefined
    : html`<h2>${say('Visites en cours de demande', 'Visits that are being asked for')}</h2><ul class="cards">${visits.map(
        (one) =>
          html`<li class="card"><header><h3><a href="/visits/${one.visitId ?? ''}">${words.print(one.title)}${say(', et d’autres organismes', ', and other bodies')}</a></h3><span class="tag other">${say('Pas encore réservé', 'Not booked yet')}</span></header><p>${whenInWords(visit, one)}</p></li>`,
      )}</ul>`
}
