import { randomUUID } from 'node:crypto'
import type { GrpcCallOptions, GrpcClient } from '@unefois/chassis/grpc-client'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { PlannedPerson } from '@unefois/deploy/sandbox/plan'
import {
  AppointmentsServiceDefinition,
  type BookAppointmentRequest,
  type SlotChosen,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import {
  Booker,
  CalendarServiceDefinition,
  MeetingChannel,
  type Place,
  type PublishCalendarRequest,
  type Resource,
  type Schedule,
  type ServiceType,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { SearchSlotsRequest, type Slot, SlotServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { evidenceType, fund, personTokenOf, town } from './_resident.js'

// A house in which the town and the fund see people, for the journeys alone: nobody else books there.

export const sharedPlace = 'journeys-house'
const words = (text: string) => ({ fr: text, en: text })
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** The agent whose hand it is at a counter. */
export const agent: Hand = {
  who: {
    $case: 'agent',
    value: { agentId: 'guichet-3', firstName: 'Ada', lastName: 'Agent', capacity: 'Adjointe', isUnnamed: false },
  },
}
export const helper: Hand = {
  who: { $case: 'helper', value: { firstName: 'Hugo', lastName: 'Aidant', organisation: 'France services' } },
}

const house = (change: Partial<Place> = {}): Place => ({
  ...{ placeId: 'house', title: words('Maison des services'), address: '3 rue de la Gare', postCode: '08000' },
  ...{ city: 'Saint-Aubin', commune: '08105', latitude: 49.77, longitude: 4.72, zone: 'Europe/Paris', sharedPlace },
  ...{ accessibility: [], telephone: '01 99 00 00 04', website: '', isConfidential: false },
  ...change,
})

const practitioner = (resourceId: string): Resource => ({
  ...{ resourceId, placeId: 'house' },
  kind: {
    $case: 'practitioner',
    value: {
      ...{ agentId: resourceId, firstName: 'Paule', lastName: 'Praticienne', capacity: 'Conseillère' },
      ...{ isUnnamed: false, languages: ['fr'] },
    },
  },
})

/** A meeting of twenty minutes without any rule, and what a test wants otherwise. */
export const serviceType = (change: Partial<ServiceType>): ServiceType => ({
  ...{ serviceTypeId: 'talk', title: words('Entretien'), summary: words('Un entretien'), durationMinutes: 20 },
  ...{ gapMinutes: 0, channels: [MeetingChannel.MEETING_CHANNEL_COUNTER], booker: Booker.BOOKER_ANYBODY },
  ...{ needsMandate: false, motive: '', isUrgent: false, reservedPercent: 0, reservedUntilHours: 0, noticeMinutes: 0 },
  ...{ horizonDays: 0, changeUntilMinutes: 0, reminderHours: [], holdMinutes: 0, keptDays: 0, procedure: '' },
  ...{
    evidence: [],
    toBring: [],
    visitMembers: [],
    hubReasons: [],
    callbackMinutes: 0,
    longestSeries: 0,
    isRetired: false,
  },
  ...change,
})

/** A counter that is open day and night, and what a test wants otherwise. */
export const everyDay = (change: Partial<Schedule>): Schedule => ({
  ...{ scheduleId: 'talks', placeId: 'house', practitionerId: 'paule', roomId: '', serviceTypeIds: ['talk'] },
  ...{ channels: [MeetingChannel.MEETING_CHANNEL_COUNTER], firstDay: dayOf(Date.now()), lastDay: '' },
  ...{ rrule: 'FREQ=DAILY', hours: [{ from: '00:00', to: '00:00' }], exceptions: [], seats: 1, isRetired: false },
  ...change,
})

/** Open day and night, so that no test depends on the hour at which it runs. */
export const townCalendar: PublishCalendarRequest = {
  places: [house()],
  resources: ['paule', 'pia', 'pol', 'petra', 'prune'].map(practitioner),
  serviceTypes: [
    serviceType({ visitMembers: [fund] }),
    serviceType({ serviceTypeId: 'school', procedure: 'school-meals', toBring: [words('Un vêtement de la taille')] }),
    serviceType({ serviceTypeId: 'helped', needsMandate: true, booker: Booker.BOOKER_PERSON }),
    serviceType({ serviceTypeId: 'staff-only', booker: Booker.BOOKER_AGENT }),
    serviceType({ serviceTypeId: 'no-housing', isUrgent: true }),
    serviceType({ serviceTypeId: 'scarce' }),
    serviceType({ serviceTypeId: 'papers', hubReasons: ['CNI'] }),
    serviceType({ serviceTypeId: 'workshop', title: words('Atelier'), longestSeries: 3 }),
    serviceType({
      ...{ serviceTypeId: 'proofs', title: words('Preuves') },
      evidence: [{ title: words('Quotient'), evidenceType, fields: ['quotient_familial.valeur'] }],
    }),
  ],
  schedules: [
    everyDay({ serviceTypeIds: ['talk', 'school', 'helped', 'staff-only', 'proofs'] }),
    everyDay({ scheduleId: 'urgent', practitionerId: 'pia', serviceTypeIds: ['no-housing'] }),
    everyDay({
      ...{ scheduleId: 'scarce', practitionerId: 'petra', serviceTypeIds: ['scarce'] },
      hours: [{ from: '10:00', to: '10:20' }],
    }),
    everyDay({ scheduleId: 'workshop', practitionerId: 'prune', serviceTypeIds: ['workshop'] }),
    everyDay({ scheduleId: 'papers', practitionerId: 'pol', serviceTypeIds: ['papers'] }),
  ],
  closures: [],
}

export const fundCalendar: PublishCalendarRequest = {
  places: [house()],
  resources: ['fanny', 'farid'].map(practitioner),
  serviceTypes: [
    serviceType({ serviceTypeId: 'family-file', visitMembers: [town] }),
    serviceType({ serviceTypeId: 'fund-alone' }),
  ],
  schedules: [
    everyDay({ scheduleId: 'files', practitionerId: 'fanny', serviceTypeIds: ['family-file'] }),
    everyDay({ scheduleId: 'alone', practitionerId: 'farid', serviceTypeIds: ['fund-alone'] }),
  ],
  closures: [],
}

/** An agency's appointments as its own software uses them. */
export class Desk {
  readonly system: AgencySystem
  readonly appointments: GrpcClient<typeof AppointmentsServiceDefinition>

  private constructor(places: Places, member: string) {
    this.system = new AgencySystem(places, member)
    this.appointments = this.system.service('appointments', AppointmentsServiceDefinition)
  }

  /** Publishes the calendar; the same again changes nothing. */
  static async open(places: Places, member: string = town): Promise<Desk> {
    const desk = new Desk(places, member)
    const calendar = desk.system.service('appointments', CalendarServiceDefinition)
    await calendar.publishCalendar(
      member === fund ? fundCalendar : townCalendar,
      await desk.system.call('calendar:publish'),
    )
    return desk
  }

  /** Free slots from so many days ahead; tests that run beside each other look at other days. */
  async free(serviceTypeId: string, daysAhead: number): Promise<readonly Slot[]> {
    const slots = this.system.service('appointments', SlotServiceDefinition)
    const empty = SearchSlotsRequest.decode(new Uint8Array())
    const day = dayOf(Date.now() + daysAhead * 86_400_000)
    const found = await slots.searchSlots(
      { ...empty, serviceTypeId, placeIds: ['house'], fromDay: day, toDay: day, pageSize: 50 },
      await this.system.call('slots:read'),
    )
    return found.slots
  }

  /** Books by an agent; answers the appointment's id. */
  async book(slot: SlotChosen, change: Partial<BookAppointmentRequest> = {}): Promise<string> {
    const { appointments } = await this.appointments.bookAppointment(
      booking({ slots: [slot], ...change }),
      await this.system.call('appointments:book'),
    )
    return appointments[0]?.appointmentId ?? ''
  }

  close(): void {
    this.system.close()
  }
}

/** A slot as it was answered, chosen at the counter. */
export const chosen = ({ scheduleId, serviceTypeId, startsAtMs }: Slot): SlotChosen => ({
  ...{ scheduleId, serviceTypeId, startsAtMs, units: 1, channel: MeetingChannel.MEETING_CHANNEL_COUNTER },
})

/** An agent's booking for whoever stands before them. */
export const booking = (change: Partial<BookAppointmentRequest>): BookAppointmentRequest => ({
  ...{ subject: '', holdIds: [], slots: [], language: 'fr', note: '', preApplications: [], isSecondConfirmed: false },
  ...{ contact: { way: 'none', address: '' }, by: agent },
  ...change,
})

/** What a person's own call at the town needs. */
export const asPerson = async (places: Places, person: PlannedPerson): Promise<GrpcCallOptions> => ({
  deadlineMs: 10_000,
  accessToken: await personTokenOf(places, person, town),
  idempotencyKey: randomUUID(),
})
