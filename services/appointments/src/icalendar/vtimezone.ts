import { Temporal } from 'temporal-polyfill'
import type { Span } from '../domain/slots.js'
import { type Component, property } from './icalendar.js'

/** Before it no observance is dated; many programs cannot read what lies earlier, or offsets with seconds. */
const epochYear = 1970

/** Local date and time as RFC 5545 writes it, with seconds. */
export const localForm = (local: Temporal.PlainDateTime): string =>
  local.toString({ smallestUnit: 'second' }).replace(/[-:]/g, '')

/** Hours and minutes of an offset as RFC 5545 writes it; seconds where it has some. */
const offsetForm = (ns: number): string => {
  const seconds = Math.round(Math.abs(ns) / 1e9)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const shown = parts[2] === 0 ? parts.slice(0, 2) : parts
  return (ns < 0 ? '-' : '+') + shown.map((part) => String(part).padStart(2, '0')).join('')
}

/** The offset that is the smaller one around a moment: what is ahead of it is called daylight time, which changes no moment. */
const standardOffset = (at: Temporal.ZonedDateTime): number =>
  Math.min(...[0, 3, 6, 9].map((months) => at.add({ months }).offsetNanoseconds))

const observance = (from: number, at: Temporal.ZonedDateTime, onset: Temporal.PlainDateTime): Component => ({
  name: at.offsetNanoseconds > standardOffset(at) ? 'DAYLIGHT' : 'STANDARD',
  properties: [
    property('DTSTART', localForm(onset)),
    property('TZOFFSETFROM', offsetForm(from)),
    property('TZOFFSETTO', offsetForm(at.offsetNanoseconds)),
  ],
  components: [],
})

/** A change of the clocks, dated by the local time that was shown just before it (RFC 5545, 3.6.5). */
const observanceOf = (at: Temporal.ZonedDateTime): Component => {
  const from = at.subtract({ nanoseconds: 1 }).offsetNanoseconds
  const onset = at.toInstant().toZonedDateTimeISO('UTC').toPlainDateTime().add({ nanoseconds: from })
  return observance(from, at, onset)
}

/** What the clocks showed from a moment on, until the first change after it. */
const standing = (at: Temporal.ZonedDateTime): Component => {
  const change = at.getTimeZoneTransition('previous')
  if (change && change.year > epochYear) return observanceOf(change)
  return observance(at.offsetNanoseconds, at, Temporal.PlainDateTime.from({ year: epochYear, month: 1, day: 1 }))
}

/**
 * The VTIMEZONE (RFC 5545) of an IANA zone, which holds for the local years of a span: each change of the clocks is named, so that
 * no reader computes one.
 */
export const vtimezone = (zone: string, { startsAtMs, endsAtMs }: Span): Component => {
  const local = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone)
  const first = local(startsAtMs).with({ month: 1, day: 1 }).startOfDay()
  const end = local(endsAtMs).add({ years: 1 }).with({ month: 1, day: 1 }).startOfDay()
  const components = [standing(first)]
  let change = first.getTimeZoneTransition('next')
  while (change && change.epochMilliseconds < end.epochMilliseconds) {
    components.push(observanceOf(change))
    change = change.getTimeZoneTransition('next')
  }
  return { name: 'VTIMEZONE', properties: [property('TZID', zone)], components }
}
