import type { Hours, Schedule } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { channelWords, kindsOfChannel } from './calendar-check-service-types.js'
import { type CalendarRefusal, type Check, firstFault } from './calendar-refusal.js'
import { areOf, idWords, isCount, isId } from './calendar-words.js'
import { isDay, isTime } from './local-time.js'
import { rruleFault } from './recurrence.js'

const mostTypes = 50
const mostHours = 20
const mostExceptions = 1000
const mostSeats = 500
const dayWords = 'is a day from 2000 to 2199, YYYY-MM-DD'
const timeWords = 'is a local time, HH:MM'

const hoursChecks = (at: string, hours: readonly Hours[]): readonly Check[] => [
  [at, hours.length <= mostHours, `names at most ${mostHours} times of a day`],
  ...hours.flatMap(({ from, to }, index): readonly Check[] => [
    [`${at}.${index}.from`, isTime(from), timeWords],
    [`${at}.${index}.to`, isTime(to), timeWords],
  ]),
]

const ruleRefusal = ({ rrule, firstDay }: Schedule, at: string): CalendarRefusal | undefined => {
  const fault = rrule === '' ? undefined : rruleFault(rrule, firstDay)
  return fault === undefined ? undefined : firstFault(at, [['rrule', false, fault]])
}

/** What is wrong in a schedule by itself. */
export const scheduleRefusal = (schedule: Schedule, at: string): CalendarRefusal | undefined => {
  const { scheduleId, practitionerId, roomId, serviceTypeIds, channels } = schedule
  const { firstDay, lastDay, hours, exceptions, seats } = schedule
  const isInverted = isDay(firstDay) && isDay(lastDay) && lastDay < firstDay
  return (
    firstFault(at, [
      ['scheduleId', isId(scheduleId), idWords],
      ['practitionerId', practitionerId !== '' || roomId !== '', 'is there, or roomId is'],
      [
        'serviceTypeIds',
        serviceTypeIds.length >= 1 &&
          serviceTypeIds.length <= mostTypes &&
          new Set(serviceTypeIds).size === serviceTypeIds.length,
        `names 1 to ${mostTypes} service types, each once`,
      ],
      ['channels', channels.length > 0 && areOf(channels, kindsOfChannel), channelWords],
      ['firstDay', isDay(firstDay), dayWords],
      ['lastDay', lastDay === '' || isDay(lastDay), `${dayWords}, or is empty`],
      ...hoursChecks('hours', hours),
      ['exceptions', exceptions.length <= mostExceptions, `names at most ${mostExceptions} days`],
      ...exceptions.flatMap(({ day, hours: ofDay }, index): readonly Check[] => [
        [`exceptions.${index}.day`, isDay(day), dayWords],
        ...hoursChecks(`exceptions.${index}.hours`, ofDay),
      ]),
      ['seats', isCount(seats, 1, mostSeats), `is 1 to ${mostSeats}`],
    ]) ??
    (isInverted ? { reason: 'RANGE_INVERTED', facts: { field: `${at}.lastDay` } } : undefined) ??
    ruleRefusal(schedule, at)
  )
}
