import { Temporal } from 'temporal-polyfill'
import { type Component, propertyOf } from './icalendar.js'
import { mapped, type Steps } from './steps.js'

/** A date or a local time of RFC 5545 in the zone in which it is meant. */
export interface When {
  readonly at: Temporal.ZonedDateTime
  /** A day, which begins when it begins in its zone. */
  readonly isDay: boolean
}

/** What a calendar says of one meeting, or of one date of a meeting that comes again. */
export interface BusyEntry {
  readonly uid: string
  /** Its owner is busy then: it was not cancelled and is not transparent. */
  readonly isBusy: boolean
  readonly start: When
  readonly endOf: (start: Temporal.ZonedDateTime) => Temporal.ZonedDateTime
  readonly rule: string | undefined
  readonly also: readonly When[]
  readonly except: readonly When[]
  /** Which date of the meeting this one stands for. */
  readonly standsFor: When | undefined
  /** It stands for all that follow too. */
  readonly isFromThereOn: boolean
}

const form = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/

/** One value, in the zone that it names, or in the one that is given where it names none. Throws a RangeError for anything else. */
export const whenOf = (value: string, tzid: string | undefined, zone: string): When => {
  const [whole, year, month, day, hour, minute, second, utc] = form.exec(value.trim()) ?? []
  if (whole === undefined) throw new RangeError('not a date or a time')
  const date = Temporal.PlainDate.from(`${year}-${month}-${day}`)
  if (hour === undefined) return { at: date.toZonedDateTime(zone), isDay: true }
  const at = date
    .toPlainDateTime(Temporal.PlainTime.from(`${hour}:${minute}:${second}`))
    .toZonedDateTime(utc === 'Z' ? 'UTC' : (tzid ?? zone))
  return { at, isDay: false }
}

/** All dates that properties of this name list. */
const all = ({ properties }: Component, name: string, zone: string): Steps<When[]> => {
  const listed = properties.flatMap(({ name: itsName, value, parameters: { TZID } }) =>
    itsName === name ? value.split(',').map((each) => ({ each, TZID })) : [],
  )
  return mapped(listed, ({ each, TZID }) => whenOf(each.split('/')[0] ?? '', TZID, zone))
}

const wordOf = (component: Component, name: string): string =>
  (propertyOf(component, name)?.value ?? '').trim().toUpperCase()

/** How long it lasts: an end in days and a duration are counted by the calendar, an end in hours by the clock (RFC 5545, 3.8.5.3). */
const lengthOf = (event: Component, start: When, zone: string): Temporal.Duration => {
  const end = propertyOf(event, 'DTEND')
  if (end) {
    const { at } = whenOf(end.value, end.parameters.TZID, zone)
    return start.isDay ? start.at.until(at, { largestUnit: 'days' }) : start.at.until(at, { largestUnit: 'hours' })
  }
  const duration = propertyOf(event, 'DURATION')
  if (duration) return Temporal.Duration.from(duration.value.trim())
  return Temporal.Duration.from(start.isDay ? { days: 1 } : { hours: 0 })
}

/** Reads a VEVENT; floating times and days are those of the zone. Throws a RangeError for what RFC 5545 does not know. */
export function* busyEntry(event: Component, zone: string): Steps<BusyEntry> {
  const begin = propertyOf(event, 'DTSTART')
  if (!begin) throw new RangeError('no DTSTART')
  const start = whenOf(begin.value, begin.parameters.TZID, zone)
  const length = lengthOf(event, start, zone)
  const recurrence = propertyOf(event, 'RECURRENCE-ID')
  return {
    uid: propertyOf(event, 'UID')?.value ?? '',
    isBusy: wordOf(event, 'TRANSP') !== 'TRANSPARENT' && wordOf(event, 'STATUS') !== 'CANCELLED',
    start,
    endOf: (from) => from.add(length),
    rule: propertyOf(event, 'RRULE')?.value,
    also: yield* all(event, 'RDATE', zone),
    except: yield* all(event, 'EXDATE', zone),
    standsFor: recurrence && whenOf(recurrence.value, recurrence.parameters.TZID, zone),
    isFromThereOn: recurrence?.parameters.RANGE?.toUpperCase() === 'THISANDFUTURE',
  }
}
