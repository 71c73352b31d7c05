import type { EvidenceNeed, ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { type CalendarRefusal, firstFault } from './calendar-refusal.js'
import { areOf, idWords, isCount, isId, isNamed, isText, isTitle, textWords, titleWords } from './calendar-words.js'

/** How many ways there are to be seen. */
export const kindsOfChannel = 4
export const channelWords = 'names ways of being seen, at least one and each once'

const most = {
  ...{ duration: 480, gap: 120, percent: 100, reservedHours: 720, days: 366, holdMinutes: 60, keptDays: 3660 },
  ...{ minutes: 366 * 1440, reminders: 3, reminderHours: 720, items: 50, callbackMinutes: 10_080, series: 12 },
} as const

const isNeed = ({ title, evidenceType, fields }: EvidenceNeed): boolean =>
  isTitle(title) && isNamed(evidenceType) && fields.length >= 1 && fields.length <= most.items && fields.every(isNamed)

/** What is wrong in a service type by itself. */
export const serviceTypeRefusal = (type: ServiceType, at: string): CalendarRefusal | undefined =>
  firstFault(at, [
    ['serviceTypeId', isId(type.serviceTypeId), idWords],
    ['title', isTitle(type.title), titleWords],
    ['summary', isText(type.summary), textWords],
    ['durationMinutes', isCount(type.durationMinutes, 5, most.duration), `is 5 to ${most.duration}`],
    ['gapMinutes', isCount(type.gapMinutes, 0, most.gap), `is at most ${most.gap}`],
    ['channels', type.channels.length > 0 && areOf(type.channels, kindsOfChannel), channelWords],
    ['booker', isCount(type.booker, 1, 3), 'says who may book'],
    ['motive', type.motive === '' || isId(type.motive), `${idWords}, or is empty`],
    ['reservedPercent', isCount(type.reservedPercent, 0, most.percent), `is at most ${most.percent}`],
    ['reservedUntilHours', isCount(type.reservedUntilHours, 0, most.reservedHours), `is at most ${most.reservedHours}`],
    ['noticeMinutes', isCount(type.noticeMinutes, 0, most.minutes), `is at most ${most.minutes}`],
    [
      'reservedUntilHours',
      type.reservedPercent === 0 || type.reservedUntilHours * 60 > type.noticeMinutes,
      'is longer than noticeMinutes where reservedPercent is more than 0, so that everybody can still book what nobody took',
    ],
    ['horizonDays', isCount(type.horizonDays, 0, most.days), `is at most ${most.days}`],
    ['changeUntilMinutes', isCount(type.changeUntilMinutes, 0, most.minutes), `is at most ${most.minutes}`],
    [
      'reminderHours',
      type.reminderHours.length <= most.reminders && areOf(type.reminderHours, most.reminderHours),
      `names at most ${most.reminders} times, each 1 to ${most.reminderHours} hours before`,
    ],
    ['holdMinutes', isCount(type.holdMinutes, 0, most.holdMinutes), `is at most ${most.holdMinutes}`],
    ['keptDays', isCount(type.keptDays, 0, most.keptDays), `is at most ${most.keptDays}`],
    ['procedure', type.procedure === '' || isId(type.procedure), `${idWords}, or is empty`],
    [
      'evidence',
      type.evidence.length <= most.items && type.evidence.every(isNeed),
      `names at most ${most.items} needs, each with a title, an evidence type and fields`,
    ],
    [
      'toBring',
      type.toBring.length <= most.items && type.toBring.every(isTitle),
      `names at most ${most.items} things in "fr" and "en"`,
    ],
    [
      'visitMembers',
      type.visitMembers.length <= most.items && type.visitMembers.every(isId),
      `names at most ${most.items} members`,
    ],
    [
      'hubReasons',
      type.hubReasons.length <= most.items && type.hubReasons.every((each) => /^[A-Z][A-Z-]{0,31}$/.test(each)),
      'names what the hub calls it, in capital letters',
    ],
    ['callbackMinutes', isCount(type.callbackMinutes, 0, most.callbackMinutes), `is at most ${most.callbackMinutes}`],
    ['longestSeries', isCount(type.longestSeries, 0, most.series), `is at most ${most.series}`],
  ])
