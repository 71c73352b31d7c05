import { type Booking, bookPath, openCall } from './booking.js'
import { bookedId, choiceFields, confirmFields, confirmHeld, holdChosen } from './booking-acts.js'
import { addBookingByHub } from './booking-by-hub.js'
import { addBookingByLink } from './booking-by-link.js'
import { allOffered, offeredNamed } from './booking-reading.js'
import { bookingSearchPage } from './booking-search-page.js'
import { addCallbackPages } from './callback-pages.js'
import { html } from './html.js'
import { jointVisitLink } from './joint-visit-sections.js'
import type { PageDoor } from './page-door.js'
import { askSeries, bookSeries, seriesFields } from './series-acts.js'
import { searchIn } from './slot-search.js'
import { formToken, type PersonalVisit, type Visit } from './visit.js'
import { addWaitingPages } from './waiting-pages.js'

/** An agency's own pages for booking: for what, when and where, and the form. */
export const addBookingPages = (door: PageDoor): void => {
  const looking = async (visit: Visit): Promise<Booking> => {
    const offered = await offeredNamed(door, visit, visit.params.id)
    return {
      path: bookPath(offered.serviceType.serviceTypeId),
      offered,
      placeIds: [],
      subject: '',
      secret: undefined,
      call: openCall(visit),
      token: visit.session && formToken(visit.session),
    }
  }
  const booking = async (visit: PersonalVisit): Promise<Booking> => ({
    ...(await looking(visit)),
    subject: visit.person.subject,
    call: { deadline: visit.deadline, accessToken: visit.session.accessToken },
  })

  door.show('/book', async (visit) => {
    const { say, words } = visit
    const all = await allOffered(door, visit)
    return {
      title: say('Prendre rendez-vous', 'Make an appointment'),
      body: html`${
        all.length === 0
          ? html`<p class="card">${say('On ne prend pas de rendez-vous en ligne ici. Venez, ou appelez-nous.', 'No appointments are made online here. Come, or call us.')}</p>`
          : html`<p class="lead">${say('Pour quoi voulez-vous venir ?', 'What do you want to come for?')}</p><ul class="cards">${all.map(
              ({ serviceType }) =>
                html`<li class="card"><header><h2><a href="${bookPath(serviceType.serviceTypeId)}">${words.print(serviceType.title)}</a></h2>${
                  serviceType.isUrgent
                    ? html`<span class="tag watch">${say('Aujourd’hui, sans rendez-vous', 'Today, without an appointment')}</span>`
                    : undefined
                }</header><p>${words.print(serviceType.summary)}</p></li>`,
            )}</ul>`
      }${jointVisitLink(visit, all)}<p><a href="/appointments">${say('Voir mes rendez-vous', 'See my appointments')}</a></p>`,
    }
  })

  addBookingByHub(door)
  addBookingByLink(door)
  addWaitingPages(door)
  addCallbackPages(door)

  door.show('/book/:id', async (visit) => bookingSearchPage(door, visit, await looking(visit), searchIn(visit.query)))
  door.submit('/book/:id/hold', choiceFields, async (visit, sent) =>
    holdChosen(door, visit, await booking(visit), sent),
  )
  door.submit('/book/:id/confirm', confirmFields, async (visit, sent) =>
    confirmHeld(door, visit, await booking(visit), sent, (booked) => ({
      redirectTo: `/appointments/${bookedId(booked)}?done=booked`,
    })),
  )
  door.showPersonal('/book/:id/dates', async (visit) => askSeries(door, visit, await booking(visit)))
  door.submit('/book/:id/dates', seriesFields, async (visit, sent) =>
    bookSeries(door, visit, await booking(visit), sent, (booked) => ({
      redirectTo: `/appointments/${bookedId(booked)}?done=${booked.appointments.length > 1 ? 'series-booked' : 'booked'}`,
    })),
  )
}
