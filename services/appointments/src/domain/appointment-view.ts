import type { Appointment, ContactWay, Preparation } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { Practitioner } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { handShown } from '@unefois/proto/hand'
import type { KeptAppointment } from './appointment.js'
import { stateNamed } from './appointment-state.js'
import type { Calendar } from './calendar.js'
import { localStart } from './local-time.js'

/** What the person sees of who receives them: the capacity alone where a reason of safety was registered (CRPA L111-2). */
export const practitionerShown = (practitioner: Practitioner | undefined): string => {
  if (!practitioner) return ''
  const { firstName, lastName, capacity, isUnnamed } = practitioner
  return isUnnamed ? capacity : `${firstName} ${lastName}, ${capacity}`
}

const practitionerOf = (calendar: Calendar, { scheduleNo, practitionerNo }: KeptAppointment) => {
  const { practitioner } = calendar.schedulesByNo.get(scheduleNo) ?? {}
  if (practitioner?.no === practitionerNo) return practitioner
  return [...calendar.practitioners.values()].find(({ no }) => no === practitionerNo)
}

/** An appointment with what the calendar says of it by now. */
export const wholeAppointment = (calendar: Calendar, kept: KeptAppointment): Appointment => {
  const practitioner = practitionerOf(calendar, kept)
  const place = calendar.places.get(kept.placeId)
  const zone = place?.zone ?? 'Europe/Paris'
  return {
    ...kept.said,
    appointmentId: kept.appointmentId,
    subject: kept.subject,
    serviceTypeId: kept.serviceTypeId,
    scheduleId: calendar.schedulesByNo.get(kept.scheduleNo)?.schedule.scheduleId ?? '',
    placeId: kept.placeId,
    practitionerId: practitioner?.resource.resourceId ?? '',
    state: stateNamed[kept.state],
    revision: kept.revision,
    startsAtMs: kept.startsAtMs,
    endsAtMs: kept.endsAtMs,
    localStart: localStart(zone, kept.startsAtMs),
    zone,
    seriesId: kept.seriesId ?? '',
    visitId: kept.visitId ?? '',
    heldUntilMs: kept.state === 'held' ? (kept.heldUntilMs ?? 0) : 0,
    place,
    title: calendar.serviceTypes.get(kept.serviceTypeId)?.title,
    practitionerShown: practitionerShown(practitioner?.of),
    seats: calendar.schedulesByNo.get(kept.scheduleNo)?.schedule.seats ?? 0,
  }
}

/** The same as the person may know it, who never learns the name of an agent that is registered as unnamed. */
export const shownToPerson = (whole: Appointment, calendar: Calendar): Appointment => ({
  ...whole,
  practitionerId: calendar.practitioners.get(whole.practitionerId)?.of.isUnnamed ? '' : whole.practitionerId,
  bookedBy: handShown(whole.bookedBy),
  cancelledBy: handShown(whole.cancelledBy),
  attendedBy: handShown(whole.attendedBy),
})

/** How somebody hears of it, but not where they live. */
export const withoutHome = ({ way, address }: ContactWay): ContactWay => ({
  way,
  address: way === 'post' ? '' : address,
})

/** What to bring, but not who holds what was had already: a town's name is a place. */
const withoutProviders = (preparation: Preparation): Preparation => ({
  ...preparation,
  had: preparation.had.map((each) => ({ ...each, provider: '', exchangeId: '' })),
  notObtained: preparation.notObtained.map((each) => ({ ...each, provider: '', exchangeId: '' })),
})

/** The same without where it is, with whom, where the person lives, through whom they come, and free text, which can tell anything. */
export const withoutWhere = (whole: Appointment): Appointment => ({
  ...whole,
  contact: whole.contact && withoutHome(whole.contact),
  scheduleId: '',
  placeId: '',
  practitionerId: '',
  practitionerShown: '',
  place: undefined,
  note: '',
  bookedBy: undefined,
  cancelledBy: undefined,
  cancelledBecause: '',
  attendedBy: undefined,
  preparation: whole.preparation && withoutProviders(whole.preparation),
  mandate: undefined,
})

/** The same for whoever has its secret alone: nor how to reach the person, or what they bring. */
export const withoutWhereOrReach = (whole: Appointment): Appointment => ({
  ...withoutWhere(whole),
  contact: undefined,
  preApplications: [],
  preparation: undefined,
})
