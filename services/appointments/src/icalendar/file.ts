import { type Appointment, AppointmentState } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Text } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import { calendarText, type Property, property, textProperty } from './icalendar.js'
import { calendarOf, momentProperty, uidOf, utcForm } from './meeting.js'

/** An appointment as its reader may see it, and what the file says beside it. */
export interface AppointmentFile {
  readonly appointment: Appointment
  readonly member: string
  readonly publicUrl: string
  readonly managementUrl: string
  /** What the person brings; the list of the preparation where there was one. */
  readonly toBring: readonly Text[]
  readonly nowMs: number
}

type Language = keyof Text

const words = {
  toBring: { fr: 'À apporter :', en: 'Bring with you:' },
  telephone: { fr: 'Par téléphone', en: 'By telephone' },
  video: { fr: 'En visioconférence', en: 'By video' },
  homeVisit: { fr: 'À domicile', en: 'At home' },
} satisfies Record<string, Text>

const wayOf = (channel: MeetingChannel): Text | undefined => {
  if (channel === MeetingChannel.MEETING_CHANNEL_TELEPHONE) return words.telephone
  if (channel === MeetingChannel.MEETING_CHANNEL_VIDEO) return words.video
  return channel === MeetingChannel.MEETING_CHANNEL_HOME_VISIT ? words.homeVisit : undefined
}

/** Where the person goes; nothing where nobody goes anywhere, and where the reader may not know the place. */
const locationOf = ({ place, channel }: Appointment, language: Language): Property[] => {
  if (!place || wayOf(channel)) return []
  const town = [place.postCode, place.city].filter(Boolean).join(' ')
  const lines = [place.title?.[language] ?? '', place.address, town].filter(Boolean)
  return lines.length === 0 ? [] : [textProperty('LOCATION', lines.join(', '))]
}

const descriptionOf = (channel: MeetingChannel, toBring: readonly Text[], language: Language): Property[] => {
  const way = wayOf(channel)?.[language]
  const list = toBring.length === 0 ? [] : [words.toBring[language], ...toBring.map((each) => `- ${each[language]}`)]
  const lines = [...(way === undefined ? [] : [way]), ...list]
  return lines.length === 0 ? [] : [textProperty('DESCRIPTION', lines.join('\n'))]
}

/** By what address the person takes part: their own, where they gave one, otherwise a name that says nothing (RFC 5546 asks for one). */
const attendeeOf = ({ appointmentId, contact }: Appointment): Property => {
  const parameters = { CUTYPE: 'INDIVIDUAL', ROLE: 'REQ-PARTICIPANT', PARTSTAT: 'ACCEPTED', RSVP: 'FALSE' }
  const isEmail = contact?.way === 'email' && /^[^\s@]+@[^\s@]+$/.test(contact.address)
  const address = isEmail ? `mailto:${encodeURI(contact.address)}` : `urn:uuid:${appointmentId}`
  return property('ATTENDEE', address, parameters)
}

/** An appointment as an iCalendar object: a request to keep the time free, or its cancellation (RFC 5545, RFC 5546). */
export const appointmentFile = (file: AppointmentFile): string => {
  const { appointment, member, publicUrl, toBring, nowMs } = file
  const { appointmentId, startsAtMs, endsAtMs, zone, channel, title, revision, state } = appointment
  const language: Language = appointment.language === 'en' ? 'en' : 'fr'
  const isCancelled = state === AppointmentState.APPOINTMENT_STATE_CANCELLED
  const properties = [
    property('UID', uidOf(appointmentId, member)),
    property('SEQUENCE', String(revision)),
    property('DTSTAMP', utcForm(nowMs)),
    momentProperty('DTSTART', startsAtMs, zone),
    momentProperty('DTEND', endsAtMs, zone),
    property('ORGANIZER', publicUrl),
    attendeeOf(appointment),
    textProperty('SUMMARY', title?.[language] ?? ''),
    ...locationOf(appointment, language),
    ...descriptionOf(channel, toBring, language),
    property('URL', file.managementUrl),
    property('CLASS', 'PRIVATE'),
    property('STATUS', isCancelled ? 'CANCELLED' : 'CONFIRMED'),
  ]
  return calendarText(
    calendarOf({
      method: isCancelled ? 'CANCEL' : 'REQUEST',
      events: [{ name: 'VEVENT', properties, components: [] }],
      spansByZone: new Map([[zone, [{ startsAtMs, endsAtMs }]]]),
    }),
  )
}
