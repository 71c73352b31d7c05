import type { VisitOfferView, VisitToSeveralView } from '../rest/visit-views.js'
import type { Visit } from './visit.js'

// Visits to several agencies in a person's words.

const minuteMs = 60_000

export const minutesInWords = ({ say }: Visit, minutes: number): string =>
  say(`${minutes}\u00a0minutes`, `${minutes}\u00a0minutes`)

export const lengthInWords = (
  visit: Visit,
  { startsAt, endsAt }: { readonly startsAt: string; readonly endsAt: string },
) => minutesInWords(visit, Math.round((Date.parse(endsAt) - Date.parse(startsAt)) / minuteMs))

/** What a meeting is about; of an agency that does not say it now, only that it is an appointment. */
export const offerTitle = (
  { say, words }: Visit,
  offers: readonly VisitOfferView[],
  { member, serviceTypeId }: { readonly member: string; readonly serviceTypeId: string },
): string => {
  const found = offers.find((one) => one.member === member && one.serviceTypeId === serviceTypeId)
  return words.print(found?.title, say('Rendez-vous', 'Appointment'))
}

const timesGone = new Set(['SLOT_TAKEN', 'SLOT_UNKNOWN', 'SLOT_NOT_OPEN', 'SLOT_RESERVED', 'TIME_PASSED'])
const noAnswer = new Set(['PROVIDER_UNREACHABLE', 'DEADLINE_EXCEEDED', 'UNAVAILABLE'])

/** Why nothing was booked, in one sentence. */
export const releasedInWords = (
  { say, words }: Visit,
  { refusedBy, refusedBecause }: Pick<VisitToSeveralView, 'refusedBy' | 'refusedBecause'>,
): string => {
  if (refusedBecause === null)
    return say('La demande a été arrêtée avant d’être réservée.', 'The request was stopped before it was booked.')
  const who = refusedBy === null ? say('Un des organismes', 'One of the bodies') : words.member(refusedBy)
  if (timesGone.has(refusedBecause))
    return say(
      `L’horaire n’est plus libre pour un des rendez-vous (${who}).`,
      `The time of one of the appointments is no longer free (${who}).`,
    )
  if (noAnswer.has(refusedBecause))
    return say(
      `Un des organismes n’a pas répondu à temps (${who}).`,
      `One of the bodies did not answer in time (${who}).`,
    )
  if (refusedBecause === 'VISIT_NOT_TAKEN')
    return say(
      `Un des organismes ne prend pas de visite pour cela en ce moment (${who}).`,
      `One of the bodies takes no visits for this at the moment (${who}).`,
    )
  return say(
    `Un des organismes n’a pas pu garder l’horaire (${who}).`,
    `One of the bodies could not keep the time (${who}).`,
  )
}
