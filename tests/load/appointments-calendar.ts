import {
  Accessibility,
  Booker,
  MeetingChannel,
  type Place,
  type PublishCalendarRequest,
  type Resource,
  type Schedule,
  type ServiceType,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'

const words = (text: string) => ({ fr: text, en: text })
const channels = [MeetingChannel.MEETING_CHANNEL_COUNTER, MeetingChannel.MEETING_CHANNEL_TELEPHONE]

export const serviceTypeIds = ['identity', 'family', 'housing', 'work'] as const
const schedulesEach = 100

const placeIdOf = (place: number): string => `place-${place}`

const placeAt = (at: number): Place => ({
  ...{ placeId: placeIdOf(at), title: words('Lieu'), address: '1 rue', postCode: '08000', city: 'Essai' },
  ...{ commune: '08105', latitude: 49.4 + (at % 10) / 20, longitude: 4.4 + Math.floor(at / 10) / 20 },
  ...{ zone: at % 20 === 0 ? 'Indian/Reunion' : 'Europe/Paris', sharedPlace: '', telephone: '', website: '' },
  accessibility: at % 3 === 0 ? [Accessibility.ACCESSIBILITY_WHEELCHAIR] : [],
  isConfidential: false,
})

const typeOf = (serviceTypeId: string): ServiceType => ({
  ...{ serviceTypeId, title: words(serviceTypeId), summary: words(serviceTypeId), durationMinutes: 30, gapMinutes: 0 },
  ...{ channels, booker: Booker.BOOKER_ANYBODY, needsMandate: false, motive: '', isUrgent: false },
  ...{ reservedPercent: 20, reservedUntilHours: 24, noticeMinutes: 0, horizonDays: 90, changeUntilMinutes: 0 },
  ...{ reminderHours: [24], holdMinutes: 10, keptDays: 90, procedure: '', evidence: [], toBring: [] },
  ...{ visitMembers: [], hubReasons: [], callbackMinutes: 0, longestSeries: 0, isRetired: false },
})

const agentAt = (place: number, at: number): Resource => ({
  ...{ resourceId: `agent-${place}-${at}`, placeId: placeIdOf(place) },
  kind: {
    $case: 'practitioner',
    value: {
      ...{ agentId: `${place}-${at}`, firstName: 'A', lastName: 'B', capacity: 'Agent', isUnnamed: false },
      languages: at % 10 === 0 ? ['fr', 'fsl'] : ['fr'],
    },
  },
})

const scheduleAt = (place: number, at: number, firstDay: string): Schedule => ({
  ...{ scheduleId: `schedule-${place}-${at}`, placeId: placeIdOf(place), practitionerId: `agent-${place}-${at}` },
  ...{ roomId: '', serviceTypeIds: [serviceTypeIds[at % 4] as string, serviceTypeIds[(at + 1) % 4] as string] },
  ...{ channels, firstDay, lastDay: '', rrule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR' },
  hours: [
    { from: '09:00', to: '12:00' },
    { from: '13:30', to: '17:00' },
  ],
  ...{ exceptions: [], seats: 1, isRetired: false },
})

/** The calendar of an agency with so many schedules, a hundred in each place, as the publications that make it. */
export const publications = (schedules: number, firstDay: string): readonly PublishCalendarRequest[] => {
  const places = Array.from({ length: Math.ceil(schedules / schedulesEach) }, (_, at) => at)
  const numbers = Array.from({ length: schedulesEach }, (_, at) => at)
  const nothing: PublishCalendarRequest = { places: [], resources: [], serviceTypes: [], schedules: [], closures: [] }
  return [
    { ...nothing, places: places.map(placeAt), serviceTypes: serviceTypeIds.map(typeOf) },
    ...places.map((place) => ({
      ...nothing,
      resources: numbers.map((at) => agentAt(place, at)),
      schedules: numbers.map((at) => scheduleAt(place, at, firstDay)),
    })),
  ]
}
