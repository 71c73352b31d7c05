import { randomUUID } from 'node:crypto'
import { type Reason, reasons, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { visitIn } from '../rest/visit-views.js'
import { ownCall } from './application-reading.js'
import { slotIsGone } from './booking.js'
import { contactSaid, needsSaid, nothingSaid, refusedSaid, saidFaults, saidFields, saidIn } from './booking-form.js'
import { alertOf } from './booking-search-page.js'
import { type Faults, noFaults } from './form-fields.js'
import { html } from './html.js'
import { chosenLegsIn, legsChosenAs } from './joint-visit-choice.js'
import { jointVisitConfirmPage } from './joint-visit-confirm-page.js'
import { jointVisitCancellationPage, jointVisitNotKnown, jointVisitPage } from './joint-visit-page.js'
import { readJointVisit, visitIdOf } from './joint-visit-reading.js'
import { jointOffers, jointSearchIn, jointSearchInText } from './joint-visit-search.js'
import { jointVisitSearchPage } from './joint-visit-search-page.js'
import { releasedInWords } from './joint-visit-words.js'
import type { PageDoor } from './page-door.js'
import type { Page, PageAnswer, PersonalVisit } from './visit.js'

/** A visit to several agencies is one to their counters. */
const atCounters = ['counter'] as const

const searchText = z.string().max(2000)
const visitText = z.string().max(1000)

const choiceFields = { search: searchText, visit: visitText }
const bookingFields = { ...choiceFields, id: z.uuid(), ...saidFields }
type Booking = z.infer<z.ZodObject<typeof bookingFields>>

/** After these another visit is chosen. */
const isOtherVisit = (reason: Reason): boolean =>
  slotIsGone.has(reason) ||
  reason === 'APPOINTMENT_LIMIT_REACHED' ||
  reason === 'VISIT_INVALID' ||
  reason === 'VISIT_NOT_TAKEN'

/** After these nobody knows yet whether it is booked; its page will. */
const isOpen = new Set<Reason>(['DEADLINE_EXCEEDED', 'UNAVAILABLE', 'PROVIDER_UNREACHABLE'])

/** Time in which the page is still answered when the agencies were too slow. */
const answerMs = 800

const book = async (door: PageDoor, visit: PersonalVisit, sent: Booking): Promise<PageAnswer> => {
  const search = jointSearchInText(sent.search)
  const legs = chosenLegsIn(sent.visit)
  const said = saidIn(sent)
  const again = async (faults: Faults): Promise<Page> =>
    jointVisitConfirmPage(visit, await jointOffers(door, visit), search, { visitId: sent.id, legs }, { said, faults })
  const faults = saidFaults(visit, said, atCounters)
  if (faults.size > 0) return again(faults)
  try {
    const answer = await door.context.neighbours.visits.bookVisit(
      {
        visitId: sent.id,
        subject: visit.person.subject,
        legs: legsChosenAs(legs),
        contact: contactSaid(said, atCounters),
        language: visit.language,
        needs: needsSaid(said),
        by: undefined,
        mandate: undefined,
      },
      { ...ownCall(visit), deadline: visit.deadline.keepingBack(answerMs) },
    )
    const one = visitIn(answer)
    if (one.state !== 'released') return { redirectTo: `/visits/${one.visitId}` }
    const words = html`<div class="alert" role="alert"><p><strong>${visit.say('Rien n’a été réservé, chez aucun organisme.', 'Nothing was booked, with any body.')}</strong> ${releasedInWords(visit, one)} ${visit.say('Choisissez une autre visite.', 'Choose another visit.')}</p></div>`
    return jointVisitSearchPage(door, visit, search, { words, refused: 'SLOT_TAKEN' })
  } catch (thrown) {
    const error = toMeshError(thrown)
    if (isOpen.has(error.reason)) return { redirectTo: `/visits/${sent.id}?asked=yes` }
    const refused = refusedSaid(visit, error)
    if (refused) return again(refused)
    const words = isOtherVisit(error.reason) ? alertOf(visit, error.reason) : undefined
    if (!words) throw thrown
    return jointVisitSearchPage(door, visit, search, { words, refused: error.reason })
  }
}

/** One visit to several agencies: found, booked all or none, followed and given back. */
export const addJointVisitPages = (door: PageDoor): void => {
  const { neighbours, clock } = door.context

  door.showPersonal('/visits', (visit) => jointVisitSearchPage(door, visit, jointSearchIn(visit.query)))

  door.submit('/visits/choose', choiceFields, async (visit, sent) => {
    const search = jointSearchInText(sent.search)
    const chosen = { visitId: randomUUID(), legs: chosenLegsIn(sent.visit) }
    const { isAccompanied, accessibility, language: interpreter } = search
    const said = nothingSaid({ isAccompanied, accessibility, interpreter })
    return jointVisitConfirmPage(visit, await jointOffers(door, visit), search, chosen, { said, faults: noFaults })
  })
  door.submit('/visits/book', bookingFields, (visit, sent) => book(door, visit, sent))

  door.showPersonal('/visits/:id', async (visit) => {
    try {
      return jointVisitPage(visit, await readJointVisit(door, visit), clock.nowMs())
    } catch (thrown) {
      const { reason } = toMeshError(thrown)
      if (reason !== 'VISIT_UNKNOWN' || visit.query.asked !== 'yes') throw thrown
      return jointVisitNotKnown(visit, reasons[reason].http)
    }
  })
  door.showPersonal('/visits/:id/cancel', async (visit) =>
    jointVisitCancellationPage(visit, await readJointVisit(door, visit)),
  )
  door.submit('/visits/:id/cancel', {}, async (visit) => {
    const visitId = visitIdOf(visit)
    await neighbours.visits.cancelVisit({ visitId, because: '', by: undefined }, ownCall(visit))
    return { redirectTo: `/visits/${visitId}` }
  })
}
