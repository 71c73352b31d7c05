import type { Text } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import type { Span } from '../domain/slots.js'
import { type Component, calendarText, property, textProperty } from './icalendar.js'
import { calendarOf, momentProperty, uidOf, utcForm } from './meeting.js'

/** A meeting of a practitioner, without anything that says who comes. */
export interface FeedMeeting extends Span {
  readonly appointmentId: string
  readonly revision: number
  readonly title: Text | undefined
  readonly zone: string
}

interface Feed {
  readonly member: string
  readonly meetings: readonly FeedMeeting[]
  readonly nowMs: number
}

const codeLength = 4
/** What fits into one message of 256 kB with room for the zones. */
const mostBytes = 230_000

/** The meeting's code is the beginning of its id: by it the agent finds it in their own software. */
const eventOf = (
  { appointmentId, revision, title, zone, startsAtMs, endsAtMs }: FeedMeeting,
  { member, nowMs }: Feed,
): Component => ({
  name: 'VEVENT',
  properties: [
    property('UID', uidOf(appointmentId, member)),
    property('SEQUENCE', String(revision)),
    property('DTSTAMP', utcForm(nowMs)),
    momentProperty('DTSTART', startsAtMs, zone),
    momentProperty('DTEND', endsAtMs, zone),
    textProperty('SUMMARY', `${title?.fr ?? ''} ${appointmentId.slice(0, codeLength)}`.trim()),
    property('STATUS', 'CONFIRMED'),
  ],
  components: [],
})

/** Those to come first, the soonest of them first; then those that were, the last of them first. */
const byUse =
  (nowMs: number) =>
  (a: FeedMeeting, b: FeedMeeting): number => {
    const isPast = (meeting: FeedMeeting) => meeting.endsAtMs < nowMs
    if (isPast(a) !== isPast(b)) return isPast(a) ? 1 : -1
    return isPast(a) ? b.startsAtMs - a.startsAtMs : a.startsAtMs - b.startsAtMs
  }

/** A practitioner's meetings as a calendar to subscribe to (RFC 5545). Of more than one message holds, the most useful are in it. */
export const practitionerFeed = (feed: Feed): string => {
  const { meetings, nowMs } = feed
  const kept: { readonly meeting: FeedMeeting; readonly event: Component }[] = []
  let bytes = 0
  for (const meeting of meetings.toSorted(byUse(nowMs))) {
    const event = eventOf(meeting, feed)
    bytes += Buffer.byteLength(calendarText(event))
    if (bytes > mostBytes) break
    kept.push({ meeting, event })
  }
  kept.sort((a, b) => a.meeting.startsAtMs - b.meeting.startsAtMs)
  const shown = kept.map(({ meeting }) => meeting)
  const zones = [...new Set(shown.map(({ zone }) => zone))]
  return calendarText(
    calendarOf({
      method: 'PUBLISH',
      properties: [property('REFRESH-INTERVAL', 'PT15M', { VALUE: 'DURATION' })],
      events: kept.map(({ event }) => event),
      spansByZone: new Map(zones.map((zone) => [zone, shown.filter((meeting) => meeting.zone === zone)])),
    }),
  )
}
