import {
  type Appointment,
  AppointmentsServiceDefinition,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { CalendarServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { SearchSlotsRequest, type Slot, SlotServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import type { Cast } from './cast.js'

/** An appointment that an agent booked for the person, and what is there before they come. */
export interface MeetingBooked {
  readonly about: string
  /** Local time of the place, as "2026-11-24 at 09:00". */
  readonly when: string
  readonly where: string
  readonly withWhom: string
  /** What the agency has had already, and from whom. */
  readonly had: readonly { readonly title: string; readonly provider: string }[]
  readonly toBring: readonly string[]
  /** Where the person takes it into their own calendar. */
  readonly calendarAddress: string
  readonly isCalendarFile: boolean
}

/** What the town's calendar offers for a procedure. */
const offeredFor = async ({ town }: Cast, procedure: string): Promise<string> => {
  const calendar = town.service('appointments', CalendarServiceDefinition)
  let pageToken = ''
  do {
    const page = await calendar.listServiceTypes(
      { serviceTypeId: '', pageSize: 0, pageToken },
      await town.call('calendar:read'),
    )
    const found = page.serviceTypes.find(({ serviceType }) => serviceType?.procedure === procedure)?.serviceType
    if (found) return found.serviceTypeId
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  throw new Error(`no appointment is offered for ${procedure}`)
}

const firstFree = async ({ town }: Cast, serviceTypeId: string): Promise<Slot> => {
  const { slots } = await town
    .service('appointments', SlotServiceDefinition)
    .searchSlots({ ...SearchSlotsRequest.decode(new Uint8Array()), serviceTypeId }, await town.call('slots:read'))
  if (!slots[0]) throw new Error(`nothing is free for ${serviceTypeId}`)
  return slots[0]
}

const book = async ({ town, script }: Cast, subject: string, slot: Slot): Promise<Appointment> => {
  const { scheduleId, serviceTypeId, startsAtMs, channels } = slot
  const { appointments } = await town.service('appointments', AppointmentsServiceDefinition).bookAppointment(
    {
      subject,
      holdIds: [],
      slots: [{ scheduleId, serviceTypeId, startsAtMs, units: 1, channel: channels[0] ?? 0 }],
      contact: { way: 'none', address: '' },
      language: 'en',
      note: '',
      preApplications: [],
      isSecondConfirmed: false,
      by: { who: { $case: 'agent', value: { ...script.information.agent, isUnnamed: false } } },
    },
    await town.call('appointments:book'),
  )
  if (!appointments[0]) throw new Error('nothing was booked')
  return appointments[0]
}

/** An agent books the first free meeting about the procedure, and the town's software has asked for what it needs before. */
export const meeting = async (cast: Cast, basisId: string): Promise<MeetingBooked> => {
  const { places, script, town, pseudonym } = cast
  const { purpose } = script.information
  const slot = await firstFree(cast, await offeredFor(cast, purpose))
  const { appointmentId } = await book(cast, pseudonym(script.person), slot)
  const desk = town.service('appointments', AppointmentsServiceDefinition)
  const { appointment } = await desk.prepareAppointment(
    { appointmentId, bases: [{ provider: script.provider, purpose, basisId }] },
    await town.call('appointments:book evidence:request'),
  )
  const { icalendar } = await desk.getCalendarFile({ appointmentId }, await town.call('appointments:read'))
  const [day = '', time = ''] = (appointment?.localStart ?? '').split('T')
  return {
    about: appointment?.title?.en ?? '',
    when: `${day} at ${time.slice(0, 5)}`,
    where: appointment?.place?.title?.en ?? '',
    withWhom: appointment?.practitionerShown ?? '',
    had: (appointment?.preparation?.had ?? []).map(({ title, provider }) => ({ title: title?.en ?? '', provider })),
    toBring: (appointment?.preparation?.toBring ?? []).map(({ title }) => title?.en ?? ''),
    calendarAddress: `${places.origin(script.requester)}/appointments/${appointmentId}/calendar.ics`,
    isCalendarFile: icalendar.startsWith('BEGIN:VCALENDAR') && icalendar.includes(appointmentId),
  }
}
