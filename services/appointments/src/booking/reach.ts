import type { ContactWay } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { invalid } from '../appointment/refusals.js'
import { contactFor, type Reach } from '../domain/contact.js'

const reaches = new Map<MeetingChannel, Reach>([
  [MeetingChannel.MEETING_CHANNEL_TELEPHONE, 'call'],
  [MeetingChannel.MEETING_CHANNEL_HOME_VISIT, 'home'],
  [MeetingChannel.MEETING_CHANNEL_VIDEO, 'link'],
])

/** How the person is met by a channel. */
export const reachOf = (channel: MeetingChannel): Reach => reaches.get(channel) ?? 'comes'

/** What an appointment by this channel keeps of how its person is reached. Error: APPOINTMENT_INVALID naming what is missing for it. */
export const reachedBy = (contact: ContactWay | undefined, channel: MeetingChannel): ContactWay => {
  const found = contactFor(contact, reachOf(channel))
  if ('field' in found) throw invalid(found)
  return found
}
