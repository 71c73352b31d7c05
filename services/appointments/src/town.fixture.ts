import {
  Booker,
  MeetingChannel,
  type PublishCalendarRequest,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { hallPlace, practitioner, room, serviceType, weekdays } from './agency.fixture.js'

const both = [MeetingChannel.MEETING_CHANNEL_COUNTER, MeetingChannel.MEETING_CHANNEL_TELEPHONE]
const unnamed = practitioner('ursula', 'annex')
const annexHours = { scheduleId: 'ursula-mornings', placeId: 'annex', practitionerId: 'ursula' }

/** Service types that differ in what booking them asks for. */
export const townTypes = [
  serviceType({ channels: both, longestSeries: 3 }),
  serviceType({ serviceTypeId: 'passport', hubReasons: ['PASSPORT'] }),
  serviceType({ serviceTypeId: 'advice', booker: Booker.BOOKER_PERSON, needsMandate: true }),
  serviceType({ serviceTypeId: 'staff', booker: Booker.BOOKER_AGENT }),
  serviceType({ serviceTypeId: 'shelter', isUrgent: true }),
  serviceType({ serviceTypeId: 'old', isRetired: true }),
  serviceType({ serviceTypeId: 'kept', reservedPercent: 100, reservedUntilHours: 2 }),
  serviceType({
    serviceTypeId: 'limited',
    longestSeries: 3,
    noticeMinutes: 180,
    horizonDays: 3,
    changeUntilMinutes: 120,
    reminderHours: [24, 2],
    holdMinutes: 3,
    keptDays: 5,
  }),
  serviceType({ serviceTypeId: 'workshop', durationMinutes: 60 }),
  serviceType({ serviceTypeId: 'counter', motive: 'identity' }),
  serviceType({ serviceTypeId: 'elsewhere' }),
]
const adas = townTypes.map(({ serviceTypeId }) => serviceTypeId).filter((id) => id !== 'elsewhere' && id !== 'workshop')

/**
 * A town hall with ada, who does nearly everything, gus with groups of three, two counters, and an annex with an agent who is
 * unnamed for a reason of safety.
 */
export const townCalendar: Partial<PublishCalendarRequest> = {
  places: [hallPlace(), hallPlace({ placeId: 'annex', zone: 'Europe/Paris', isConfidential: true, address: 'secret' })],
  resources: [
    practitioner(),
    practitioner('gus'),
    room('counters', 2),
    unnamed.kind?.$case === 'practitioner'
      ? { ...unnamed, kind: { $case: 'practitioner', value: { ...unnamed.kind.value, isUnnamed: true } } }
      : unnamed,
  ],
  serviceTypes: townTypes,
  schedules: [
    weekdays({ serviceTypeIds: adas, channels: both }),
    weekdays({ scheduleId: 'gus-workshops', practitionerId: 'gus', serviceTypeIds: ['workshop'], seats: 3 }),
    weekdays({ scheduleId: 'counters', practitionerId: '', roomId: 'counters', serviceTypeIds: ['counter'] }),
    weekdays({ ...annexHours, serviceTypeIds: ['elsewhere', 'id-card'] }),
  ],
}
