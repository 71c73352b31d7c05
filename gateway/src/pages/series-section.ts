import { AppointmentState } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { type AppointmentView, appointmentView } from '../rest/appointment-views.js'
import { ownCall } from './application-reading.js'
import type { AppointmentAccess } from './appointment-access.js'
import { isStanding } from './booking-words.js'
import { type Html, html } from './html.js'
import { whenInWords } from './local-times.js'
import type { PageDoor } from './page-door.js'
import type { PersonalVisit, Visit } from './visit.js'

const mostRead = 100

/** The dates of a series that are still to come, the shown one too; empty for an appointment alone. */
export const datesOfSeries = async (
  door: PageDoor,
  visit: PersonalVisit,
  { seriesId }: AppointmentView,
): Promise<readonly AppointmentView[]> => {
  if (seriesId === null) return []
  const { neighbours, clock } = door.context
  const { appointments } = await neighbours.appointments.listAppointments(
    {
      subject: visit.person.subject,
      placeId: '',
      practitionerId: '',
      state: AppointmentState.APPOINTMENT_STATE_BOOKED,
      fromMs: Math.floor(clock.nowMs()),
      toMs: 0,
      pageSize: mostRead,
      pageToken: '',
    },
    ownCall(visit),
  )
  return appointments.map(appointmentView).filter((one) => one.seriesId === seriesId)
}

/** The same for whoever knows the secret of the booking, which opens all its dates. */
export const datesOfSecret = async (
  { context }: PageDoor,
  { appointmentId, secret, call }: AppointmentAccess,
  { seriesId }: AppointmentView,
): Promise<readonly AppointmentView[]> => {
  if (seriesId === null) return []
  const nowMs = context.clock.nowMs()
  const { series } = await context.neighbours.appointments.getAppointment({ appointmentId, secret }, call)
  return series.map(appointmentView).filter((one) => isStanding(one) && Date.parse(one.startsAt) >= nowMs)
}

/** That an appointment is one of a series, and when the others are. */
export const seriesSection = (
  visit: Visit,
  pathOf: (appointmentId: string) => string,
  { seriesId, appointmentId }: AppointmentView,
  dates: readonly AppointmentView[],
): Html | undefined => {
  const { say } = visit
  if (seriesId === null) return undefined
  const others = dates.filter((one) => one.appointmentId !== appointmentId)
  return html`<h2>${say('Une série de dates', 'A series of dates')}</h2><p>${say('Ce rendez-vous a été pris avec d’autres, pour la même chose.', 'This appointment was made together with others, for the same thing.')}</p>${
    others.length === 0
      ? undefined
      : html`<p>${say('Les autres dates à venir :', 'The other dates to come:')}</p><ul class="plain">${others.map(
          (one) => html`<li><a href="${pathOf(one.appointmentId)}">${whenInWords(visit, one)}</a></li>`,
        )}</ul>`
  }`
}
