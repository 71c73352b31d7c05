import { Temporal } from 'temporal-polyfill'
import { remembered } from './remembered.js'
import type { Span } from './slots.js'

// Thousands of schedules share their zones and hours.
const most = 50_000
const zones = remembered<boolean>(1000)
const moments = remembered<number>(most)
const starts = remembered<string>(most)
const days = remembered<string>(most)
const laterDays = remembered<string>(most)
const minuteMs = 60_000

/** Whether a text is a name of the IANA time zone database as it is written there; an offset is none. */
export const isZone = (zone: string): boolean =>
  /^[A-Z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(zone) &&
  zones(zone, () => {
    try {
      return new Temporal.ZonedDateTime(0n, zone).timeZoneId === zone
    } catch {
      return false
    }
  })

/** Whether a text is a day of the calendar, YYYY-MM-DD, from 2000 to 2199. */
export const isDay = (text: string): boolean => {
  if (!/^2[01]\d\d-\d\d-\d\d$/.test(text)) return false
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() === text
  } catch {
    return false
  }
}

export const isTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text)

/** A day so many days later. */
export const dayAfter = (day: string, days: number): string =>
  laterDays(`${day} ${days}`, () => Temporal.PlainDate.from(day).add({ days }).toString())

/** How many days lie from one day to another one. */
export const daysBetween = (from: string, to: string): number =>
  Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to), { largestUnit: 'days' }).days

/**
 * The moment of a local time, milliseconds since 1970. One that the clocks skip moves on by the gap; of one that comes twice it is
 * the first (`compatible` of Temporal, RFC 5545 3.3.5).
 */
export const momentOf = (zone: string, day: string, time: string): number =>
  moments(
    `${zone} ${day}T${time}`,
    () => Temporal.PlainDateTime.from(`${day}T${time}`).toZonedDateTime(zone).epochMilliseconds,
  )

/** The whole of local days, the last one included. */
export const spanOfDays = (zone: string, from: string, to: string): Span => ({
  startsAtMs: momentOf(zone, from, '00:00'),
  endsAtMs: momentOf(zone, dayAfter(to, 1), '00:00'),
})

const zonedAt = (zone: string, ms: number): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toZonedDateTimeISO(zone)

/** The local day of a moment, YYYY-MM-DD. */
export const localDay = (zone: string, ms: number): string => {
  // Since 2000 every local day begins with a minute.
  const minute = Math.floor(ms / minuteMs)
  return days(`${zone} ${minute}`, () =>
    zonedAt(zone, minute * minuteMs)
      .toPlainDate()
      .toString(),
  )
}

/** The wall clock of a moment with its offset, as "2026-10-25T02:30+01:00". */
export const localStart = (zone: string, ms: number): string =>
  starts(`${zone} ${ms}`, () => zonedAt(zone, ms).toString({ smallestUnit: 'minute', timeZoneName: 'never' }))

/** Why one local time that somebody wrote means no moment. */
export type LocalTimeFault = 'malformed' | 'skipped' | 'twice' | 'offset-not-there'

const written = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})([+-]\d{2}:\d{2})?$/

/**
 * The moment of one local time that somebody wrote, YYYY-MM-DDTHH:MM, with its offset where the clock shows it twice. Nothing is
 * guessed: a time that does not exist, or not once, is a fault.
 */
export const statedMoment = (zone: string, text: string): number | LocalTimeFault => {
  const [, day = '', time = '', offset] = written.exec(text) ?? []
  if (!isDay(day) || !isTime(time)) return 'malformed'
  const local = Temporal.PlainDateTime.from(`${day}T${time}`)
  const [earlier, later] = (['earlier', 'later'] as const).map((disambiguation) =>
    local.toZonedDateTime(zone, { disambiguation }),
  ) as [Temporal.ZonedDateTime, Temporal.ZonedDateTime]
  if (!earlier.toPlainDateTime().equals(local)) return 'skipped'
  if (offset === undefined) return earlier.equals(later) ? earlier.epochMilliseconds : 'twice'
  return [earlier, later].find((each) => each.offset === offset)?.epochMilliseconds ?? 'offset-not-there'
}
