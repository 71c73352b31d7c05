import type { OfferedView } from '../rest/calendar-views.js'
import { bookPath } from './booking.js'
import { type Html, html } from './html.js'
import type { Visit } from './visit.js'

/** Appointments on the agency's home page; what cannot wait comes first. */
export const bookingCard = ({ say, words }: Visit, offered: readonly OfferedView[]): Html => {
  const urgent = offered.filter(({ serviceType }) => serviceType.isUrgent)
  return html`<h2>${say('Être reçu', 'Be seen')}</h2>${
    urgent.length === 0
      ? undefined
      : html`<div class="alert"><p>${say('Aujourd’hui, sans rendez-vous :', 'Today, without an appointment:')}</p><ul class="plain">${urgent.map(
          ({ serviceType }) =>
            html`<li><a href="${bookPath(serviceType.serviceTypeId)}">${words.print(serviceType.title)}</a></li>`,
        )}</ul></div>`
  }<p><a class="button second" href="/book">${say('Prendre rendez-vous', 'Make an appointment')}</a> <a href="/appointments">${say('Voir mes rendez-vous', 'See my appointments')}</a></p>`
}
