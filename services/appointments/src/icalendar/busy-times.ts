import { Temporal } from 'temporal-polyfill'
import { isZone } from '../domain/local-time.js'
import type { Span } from '../domain/slots.js'
import { type BusyEntry, busyEntry, whenOf } from './busy-entry.js'
import { busySpansOf, type Standing, standingOf } from './busy-recurrence.js'
import { type Component, propertyOf } from './icalendar.js'
import { isOwnUid } from './meeting.js'
import { type CalendarFault, parseCalendars } from './parse.js'
import { RuleEffort } from './rule-effort.js'
import { mapped, type Steps } from './steps.js'
import { definedZones, inKnownZones } from './zones.js'

export interface OtherCalendar {
  /** RFC 5545. */
  readonly icalendar: string
  /** The IANA zone of the place: of days, and of times that name no zone. */
  readonly zone: string
  /** Whose own meetings, come back by a feed, are no busy time. */
  readonly member: string
  readonly window: Span
}

export const mostCalendarBytes = 200_000
const mostRecurring = 300
const mostDates = 5000
const mostSpans = 8000
/** What to send where a calendar says more than a person's own does. */
const instead = 'a calendar of one person over the next year, or VFREEBUSY with the periods joined'
const daysAhead = 366

/** From the beginning of today, by the clocks of a zone, up to 366 days ahead. */
export const busyWindow = (nowMs: number, zone: string): Span => {
  const today = Temporal.Instant.fromEpochMilliseconds(Math.floor(nowMs)).toZonedDateTimeISO(zone).startOfDay()
  return {
    startsAtMs: today.epochMilliseconds,
    endsAtMs: today.add({ days: daysAhead + 1 }).epochMilliseconds,
  }
}

const timed = new Set(['DTSTART', 'DTEND', 'RECURRENCE-ID', 'EXDATE', 'RDATE'])

/** The zone that a time names and that nobody knows. */
const unknownZone = (events: readonly Component[]): string | undefined =>
  events
    .flatMap(({ properties }) =>
      properties.flatMap(({ name, parameters: { TZID } }) => (timed.has(name) ? [TZID] : [])),
    )
    .find((zone): zone is string => zone !== undefined && !isZone(zone))

/** One period of FREEBUSY: from a moment to another one, or with a duration. */
const periodSpan = (period: string, zone: string): Span => {
  const [from = '', to = ''] = period.split('/')
  const { at } = whenOf(from, undefined, zone)
  const end = /^[+P]/.test(to) ? at.add(Temporal.Duration.from(to)) : whenOf(to, undefined, zone).at
  return { startsAtMs: at.epochMilliseconds, endsAtMs: end.epochMilliseconds }
}

/** What free and busy periods say. */
const freeBusySpans = (components: readonly Component[], zone: string): Steps<readonly Span[]> => {
  const busy = components
    .filter(({ name }) => name === 'VFREEBUSY')
    .flatMap(({ properties }) => properties.filter(({ name }) => name === 'FREEBUSY'))
    .filter(({ parameters }) => parameters.FBTYPE?.toUpperCase() !== 'FREE')
  const periods = busy.flatMap(({ value }) => value.split(','))
  return mapped(periods, (period) => periodSpan(period, zone))
}

/** Spans within a window, those that meet or touch as one, by their beginning. */
export const mergedWithin = (spans: readonly Span[], { startsAtMs: from, endsAtMs: to }: Span): Span[] => {
  const cut = spans
    .map(({ startsAtMs, endsAtMs }) => ({ startsAtMs: Math.max(startsAtMs, from), endsAtMs: Math.min(endsAtMs, to) }))
    .filter(({ startsAtMs, endsAtMs }) => startsAtMs < endsAtMs)
    .sort((a, b) => a.startsAtMs - b.startsAtMs)
  const merged: Span[] = []
  for (const span of cut) {
    const last = merged.at(-1)
    if (!last || last.endsAtMs < span.startsAtMs) merged.push(span)
    else merged.splice(-1, 1, { ...last, endsAtMs: Math.max(last.endsAtMs, span.endsAtMs) })
  }
  return merged
}

function* attempt<T>(field: string, steps: Steps<T>): Steps<T | CalendarFault> {
  try {
    return yield* steps
  } catch {
    return {
      field,
      what: `has times and a rule of days as RFC 5545 writes them, and says no more than others do; otherwise send ${instead}`,
    }
  }
}

const isFault = (read: object): read is CalendarFault => 'what' in read

const listed = new Set(['RDATE', 'EXDATE', 'FREEBUSY'])

/** How many dates and periods are listed one by one. */
const datesListed = (components: readonly Component[]): number =>
  components
    .flatMap(({ properties }) => properties.filter(({ name }) => listed.has(name)))
    .reduce((count, { value }) => count + value.split(',').length, 0)

/** Each event with its place in the object; one of this member's own calendar came back by a feed and is no busy time. */
const eventsIn = (components: readonly Component[], member: string) =>
  components
    .filter(({ name }) => name === 'VEVENT')
    .map((event, index) => ({ event, field: `icalendar.events.${index}` }))
    .filter(({ event }) => !isOwnUid(propertyOf(event, 'UID')?.value ?? '', member))

interface ReadEvent {
  readonly field: string
  readonly entry: BusyEntry
}

/** What other entries say of single dates of a meeting, by its UID. */
function* standingFor(read: readonly ReadEvent[]): Steps<ReadonlyMap<string, Standing>> {
  const byUid = new Map<string, BusyEntry[]>()
  for (const { entry } of read) {
    const same = byUid.get(entry.uid)
    if (entry.standsFor && same) same.push(entry)
    else if (entry.standsFor) byUid.set(entry.uid, [entry])
  }
  const standing = new Map<string, Standing>()
  for (const [uid, entries] of byUid) {
    standing.set(uid, yield* standingOf(entries))
    yield
  }
  return standing
}

function* spansOfAll(read: readonly ReadEvent[], window: Span): Steps<Span[] | CalendarFault> {
  if (read.filter(({ entry }) => entry.rule !== undefined).length > mostRecurring)
    return { field: 'icalendar', what: `has at most ${mostRecurring} meetings that come again; send ${instead}` }
  const standing = yield* standingFor(read)
  const none = yield* standingOf([])
  const spans: Span[] = []
  const effort = new RuleEffort()
  for (const { field, entry } of read) {
    const others = (!entry.standsFor && standing.get(entry.uid)) || none
    const found = yield* attempt(field, busySpansOf(entry, others, window, effort))
    yield
    if (isFault(found)) return found
    for (const span of found) spans.push(span)
    if (spans.length > mostSpans)
      return { field: 'icalendar', what: `says at most ${mostSpans} times; send ${instead}` }
  }
  return spans
}

/**
 * When somebody is busy by another calendar of theirs, within the window, in steps: a calendar at its limits takes a second. Of what they do
 * then nothing is answered.
 */
export function* busyTimes({ icalendar, zone, member, window }: OtherCalendar): Steps<readonly Span[] | CalendarFault> {
  if (Buffer.byteLength(icalendar) > mostCalendarBytes)
    return { field: 'icalendar', what: `is at most ${mostCalendarBytes} bytes` }
  const calendars = yield* parseCalendars(icalendar)
  if (isFault(calendars)) return calendars
  const written = calendars.flatMap((each) => each.components)
  if (datesListed(written) > mostDates)
    return { field: 'icalendar', what: `lists at most ${mostDates} dates and periods; send ${instead}` }
  yield
  const zones = yield* definedZones(written, zone, window)
  const components = yield* mapped(written, (each) => inKnownZones(each, zones))
  const events = eventsIn(components, member)
  const unknown = unknownZone(events.map(({ event }) => event))
  if (unknown !== undefined)
    return {
      field: 'icalendar',
      what: `names zones that it defines or that IANA knows, and not "${unknown.slice(0, 64)}"`,
    }

  const read: ReadEvent[] = []
  for (const { event, field } of events) {
    const entry = yield* attempt(field, busyEntry(event, zone))
    yield
    if (isFault(entry)) return entry
    read.push({ field, entry })
  }
  const ofEvents = yield* spansOfAll(read, window)
  if (isFault(ofEvents)) return ofEvents
  const ofPeriods = yield* attempt('icalendar.freebusy', freeBusySpans(components, zone))
  if (isFault(ofPeriods)) return ofPeriods
  yield
  return mergedWithin([...ofEvents, ...ofPeriods], window)
}
