import { type Appointment, AppointmentState } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import {
  Accessibility,
  Booker,
  MeetingChannel,
  type OfferedServiceType,
  type Place,
  type ServiceType,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { byPerson } from './application.fixture.js'
import { subject } from './gateway.fixture.js'

// One agency with a town hall in Paris time, a branch overseas and a shelter whose address is confidential; identity papers, and a
// motive that is urgent.

const two = (fr: string, en: string) => ({ fr, en })

export const holdId = '6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a001'
export const bookedId = '6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a002'
export const secret = 'S'.repeat(42).concat('1')
export const link = 'L'.repeat(42).concat('1')

export const townHall: Place = {
  placeId: 'town-hall',
  title: two('Mairie', 'Town hall'),
  address: '1 place de la Mairie',
  postCode: '93200',
  city: 'Saint-Denis',
  commune: '93066',
  latitude: 48.93,
  longitude: 2.35,
  zone: 'Europe/Paris',
  sharedPlace: 'house-1',
  accessibility: [Accessibility.ACCESSIBILITY_WHEELCHAIR],
  telephone: '01 99 00 00 04',
  website: 'https://hall.test',
  isConfidential: false,
}
export const branch: Place = {
  ...townHall,
  placeId: 'branch',
  title: two('Antenne du port', 'Harbour branch'),
  address: '3 rue du Port',
  postCode: '97420',
  city: 'Le Port',
  commune: '97407',
  zone: 'Indian/Reunion',
  website: '',
}
export const shelter: Place = { ...townHall, placeId: 'shelter', title: two('Halte', 'Shelter'), isConfidential: true }

export const papers: ServiceType = {
  serviceTypeId: 'papers',
  title: two('Faire une carte d’identité', 'Have an identity card made'),
  summary: two('Pour vous ou pour un enfant.', 'For you or for a child.'),
  durationMinutes: 30,
  gapMinutes: 0,
  channels: [MeetingChannel.MEETING_CHANNEL_COUNTER, MeetingChannel.MEETING_CHANNEL_TELEPHONE],
  booker: Booker.BOOKER_ANYBODY,
  needsMandate: false,
  motive: '',
  isUrgent: false,
  reservedPercent: 20,
  reservedUntilHours: 48,
  noticeMinutes: 0,
  horizonDays: 90,
  changeUntilMinutes: 0,
  reminderHours: [24],
  holdMinutes: 10,
  keptDays: 90,
  procedure: '',
  evidence: [],
  toBring: [two('Une photo de moins de six mois', 'A photograph less than six months old')],
  visitMembers: [],
  hubReasons: [],
  callbackMinutes: 0,
  longestSeries: 0,
  isRetired: false,
}
/** The same, which the national hub knows. */
export const hubPapers: ServiceType = { ...papers, serviceTypeId: 'hub-papers', hubReasons: ['CNI', 'CNI-PASSPORT'] }
export const tonight: ServiceType = {
  ...papers,
  serviceTypeId: 'tonight',
  title: two('Ne pas savoir où dormir ce soir', 'Not knowing where to sleep tonight'),
  isUrgent: true,
}

export const offered: readonly OfferedServiceType[] = [
  { serviceType: papers, places: [townHall, branch, shelter] },
  { serviceType: hubPapers, places: [townHall, branch, shelter] },
  { serviceType: tonight, places: [townHall] },
]

/** 9:30 in Paris on a Tuesday. */
export const startsAtMs = Date.parse('2026-11-24T08:30:00Z')

export const aSlot: Slot = {
  scheduleId: 'counter-1',
  serviceTypeId: 'papers',
  placeId: 'town-hall',
  startsAtMs,
  endsAtMs: startsAtMs + 1_800_000,
  localStart: '2026-11-24T09:30+01:00',
  zone: 'Europe/Paris',
  channels: [MeetingChannel.MEETING_CHANNEL_COUNTER],
  isReserved: false,
  seatsLeft: 1,
  seats: 1,
}
export const overseasSlot: Slot = {
  ...aSlot,
  scheduleId: 'port-1',
  placeId: 'branch',
  localStart: '2026-11-24T12:30+04:00',
  zone: 'Indian/Reunion',
}

export const anAppointment: Appointment = {
  appointmentId: bookedId,
  subject,
  serviceTypeId: 'papers',
  scheduleId: 'counter-1',
  placeId: 'town-hall',
  practitionerId: 'p-1',
  state: AppointmentState.APPOINTMENT_STATE_BOOKED,
  revision: 0,
  startsAtMs,
  endsAtMs: startsAtMs + 1_800_000,
  localStart: '2026-11-24T09:30+01:00',
  zone: 'Europe/Paris',
  channel: MeetingChannel.MEETING_CHANNEL_COUNTER,
  units: 1,
  needs: { isAccompanied: false, accessibility: [], language: '' },
  contact: { way: 'sms', address: '+33612345678' },
  language: 'en',
  note: 'Avec <ma> fille',
  preApplications: [],
  seriesId: '',
  visitId: '',
  visitCode: '',
  bookedAtMs: startsAtMs - 86_400_000,
  bookedBy: byPerson,
  cancelledBy: undefined,
  cancelledBecause: '',
  attendedBy: undefined,
  preparation: undefined,
  mandate: undefined,
  heldUntilMs: 0,
  place: townHall,
  title: papers.title,
  practitionerShown: 'Nadia Roux',
  seats: 1,
}
