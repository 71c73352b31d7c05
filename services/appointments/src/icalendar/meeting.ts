import { Temporal } from 'temporal-polyfill'
import type { Span } from '../domain/slots.js'
import { type Component, type Property, property } from './icalendar.js'
import { localForm, vtimezone } from './vtimezone.js'

const zonedAt = (ms: number, zone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone)

/** A moment in UTC as RFC 5545 writes it. */
export const utcForm = (ms: number): string => `${localForm(zonedAt(ms, 'UTC').toPlainDateTime())}Z`

/** A moment as the local time of a zone. A time that the clocks show twice means its first, so the second is written in UTC. */
export const momentProperty = (name: string, ms: number, zone: string): Property => {
  const local = zonedAt(ms, zone).toPlainDateTime()
  return local.toZonedDateTime(zone).epochMilliseconds === ms
    ? property(name, localForm(local), { TZID: zone })
    : property(name, utcForm(ms))
}

/** The id of an appointment in all calendars, by which a change of it finds it again. */
export const uidOf = (appointmentId: string, member: string): string => `${appointmentId}@${member}.unefois`

/** Whether an entry of another calendar came from this member's own. */
export const isOwnUid = (uid: string, member: string): boolean => uid.trim().endsWith(`@${member}.unefois`)

/** The earliest and the latest moment of some; undefined of none. */
const around = (spans: readonly Span[]): Span | undefined =>
  spans.length === 0
    ? undefined
    : {
        startsAtMs: spans.reduce((least, { startsAtMs }) => Math.min(least, startsAtMs), Number.POSITIVE_INFINITY),
        endsAtMs: spans.reduce((most, { endsAtMs }) => Math.max(most, endsAtMs), Number.NEGATIVE_INFINITY),
      }

export interface CalendarParts {
  /** METHOD of RFC 5546. */
  readonly method: 'REQUEST' | 'CANCEL' | 'PUBLISH'
  readonly properties?: readonly Property[]
  readonly events: readonly Component[]
  /** The zones that the events name, and when they are. */
  readonly spansByZone: ReadonlyMap<string, readonly Span[]>
}

/** A whole iCalendar object with the zones that its events name. */
export const calendarOf = ({ method, properties = [], events, spansByZone }: CalendarParts): Component => ({
  name: 'VCALENDAR',
  properties: [
    property('VERSION', '2.0'),
    property('PRODID', '-//Unefois//Appointments//EN'),
    property('CALSCALE', 'GREGORIAN'),
    property('METHOD', method),
    ...properties,
  ],
  components: [
    ...[...spansByZone].flatMap(([zone, spans]) => {
      const span = around(spans)
      return span ? [vtimezone(zone, span)] : []
    }),
    ...events,
  ],
})
