import {
  type Appointment,
  AppointmentState,
  type ContactWay,
  type MandateShown,
  type Preparation,
  type StatedNeeds,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { Place } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { MeshError } from '@unefois/proto/reasons'
import type { z } from 'zod'
import { handView } from './application-views.js'
import type { appointment, appointmentState, contactGiven, needsGiven, preparation } from './appointment-schemas.js'
import { notObtainedView } from './assessment-views.js'
import { accessibilityOf, accessibilityView, channelView, type OfferedPlaceView } from './calendar-views.js'
import { textOf } from './eligibility-views.js'
import { nameIn } from './enum-names.js'
import { instantOf } from './views.js'

// From the messages of the contract to what the REST door and the pages show, and back.

export type AppointmentView = z.infer<typeof appointment>
export type PreparationView = z.infer<typeof preparation>
type State = z.infer<typeof appointmentState>

export const appointmentStateOf: Readonly<Record<State, AppointmentState>> = {
  held: AppointmentState.APPOINTMENT_STATE_HELD,
  booked: AppointmentState.APPOINTMENT_STATE_BOOKED,
  arrived: AppointmentState.APPOINTMENT_STATE_ARRIVED,
  fulfilled: AppointmentState.APPOINTMENT_STATE_FULFILLED,
  cancelled: AppointmentState.APPOINTMENT_STATE_CANCELLED,
  'no-show': AppointmentState.APPOINTMENT_STATE_NO_SHOW,
}

export const needsOf = ({ isAccompanied, accessibility, language }: z.infer<typeof needsGiven>): StatedNeeds => ({
  isAccompanied,
  accessibility: accessibility.map((one) => accessibilityOf[one]),
  language,
})

export const needsView = (one: StatedNeeds | undefined): AppointmentView['needs'] => ({
  isAccompanied: one?.isAccompanied ?? false,
  accessibility: accessibilityView(one?.accessibility ?? []),
  language: one?.language ?? '',
})

export const contactOf = ({ way, address, reachedAt }: z.infer<typeof contactGiven>): ContactWay => ({
  way,
  address,
  reachedAt,
})

export const contactView = (one: ContactWay | undefined): AppointmentView['contact'] =>
  one ? { way: one.way, address: one.address, reachedAt: one.reachedAt || null } : null

export const mandateView = (one: MandateShown | undefined): AppointmentView['mandate'] =>
  one ? { reference: one.reference, fromDay: one.fromDay, toDay: one.toDay } : null

export const whenOf = (ms: number): string | null => (ms === 0 ? null : instantOf(ms))

/** A place as who has an appointment there may know it: with its address, even where it is confidential. */
const ownPlaceView = (one: Place): OfferedPlaceView => ({
  placeId: one.placeId,
  title: textOf(one.title),
  address: one.address || null,
  postCode: one.postCode || null,
  city: one.city || null,
  commune: one.commune || null,
  latitude: one.address === '' ? null : one.latitude,
  longitude: one.address === '' ? null : one.longitude,
  zone: one.zone,
  sharedPlace: one.sharedPlace || null,
  accessibility: accessibilityView(one.accessibility),
  telephone: one.telephone || null,
  website: one.website || null,
  isConfidential: one.isConfidential,
})

const preparationView = (one: Preparation): PreparationView => ({
  preparedAt: whenOf(one.preparedAtMs),
  had: one.had.map(({ title, provider, evidenceType, fields, exchangeId }) => ({
    title: textOf(title),
    provider,
    evidenceType,
    fields,
    exchangeId,
  })),
  notObtained: notObtainedView(one.notObtained),
  toBring: one.toBring.map(({ title, routes }) => ({
    title: textOf(title),
    routes: routes.map(({ kind, textFr, textEn }) => ({ kind, text: { fr: textFr, en: textEn } })),
  })),
})

export const appointmentView = (one: Appointment): AppointmentView => ({
  appointmentId: one.appointmentId,
  subject: one.subject || null,
  title: textOf(one.title),
  serviceTypeId: one.serviceTypeId,
  scheduleId: one.scheduleId,
  placeId: one.placeId,
  place: one.place ? ownPlaceView(one.place) : null,
  practitionerId: one.practitionerId || null,
  practitionerShown: one.practitionerShown || null,
  state: nameIn(appointmentStateOf, one.state),
  revision: one.revision,
  startsAt: instantOf(one.startsAtMs),
  endsAt: instantOf(one.endsAtMs),
  localStart: one.localStart,
  zone: one.zone,
  channel: channelView(one.channel),
  units: one.units,
  seats: one.seats || null,
  needs: needsView(one.needs),
  contact: contactView(one.contact),
  language: one.language,
  note: one.note,
  preApplications: one.preApplications,
  seriesId: one.seriesId || null,
  visitId: one.visitId || null,
  visitCode: one.visitCode || null,
  bookedAt: whenOf(one.bookedAtMs),
  bookedBy: one.bookedBy ? handView(one.bookedBy) : null,
  cancelledBy: one.cancelledBy ? handView(one.cancelledBy) : null,
  cancelledBecause: one.cancelledBecause || null,
  attendedBy: one.attendedBy ? handView(one.attendedBy) : null,
  mandate: mandateView(one.mandate),
  heldUntil: whenOf(one.heldUntilMs),
  preparation: one.preparation ? preparationView(one.preparation) : null,
})

/** The appointment that an answer of the service carries. Error: INTERNAL where it carries none. */
export const appointmentIn = ({
  appointment: one,
}: {
  readonly appointment?: Appointment | undefined
}): AppointmentView => {
  if (!one) throw new MeshError('INTERNAL', { cause: 'an answer without its appointment' })
  return appointmentView(one)
}
