import { MeshError, type Reason } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AppointmentView } from '../rest/appointment-views.js'
import { type AppointmentAccess, isWhereWithheld, ownViewAcr, readAppointment } from './appointment-access.js'
import { appointmentPage, cancellationPage } from './appointment-page.js'
import { meetingSection } from './appointment-sections.js'
import type { Booking } from './booking.js'
import { choiceFields, formKey } from './booking-acts.js'
import { offeredNamed, offeredNow } from './booking-reading.js'
import { refusalShown, slotsPage } from './booking-search-page.js'
import { isStanding } from './booking-words.js'
import { type Html, html } from './html.js'
import type { PageDoor } from './page-door.js'
import { chosenSlotIn, slotChosenAs } from './slot-choice.js'
import { type SlotSearch, searchIn, searchInText } from './slot-search.js'
import type { Page, PageAnswer, Visit } from './visit.js'

export const moveFields = choiceFields
export const cancelFields = { key: formKey, series: z.literal('yes').optional() }

/** The appointment while it can still be changed. Error: APPOINTMENT_ENDED. */
const standing = async (door: PageDoor, access: AppointmentAccess): Promise<AppointmentView> => {
  const appointment = await readAppointment(door, access)
  if (!isStanding(appointment)) throw new MeshError('APPOINTMENT_ENDED')
  return appointment
}

/** The dates of an appointment's series that are still to come, as far as who asks may see them. */
export type DatesOf = (appointment: AppointmentView) => Promise<readonly AppointmentView[]>

export const showAppointment = async (
  door: PageDoor,
  visit: Visit,
  access: AppointmentAccess,
  dates: DatesOf,
  preparing: (appointment: AppointmentView) => Html | undefined = () => undefined,
): Promise<Page> => {
  const appointment = await readAppointment(door, access)
  const [offered, series] = await Promise.all([offeredNow(door, visit, appointment.serviceTypeId), dates(appointment)])
  return appointmentPage(visit, access, appointment, { offered, preparing: preparing(appointment), series })
}

export const calendarFile = async (
  { context }: PageDoor,
  { appointmentId, secret, call }: AppointmentAccess,
): Promise<PageAnswer> => {
  const { icalendar } = await context.neighbours.appointments.getCalendarFile({ appointmentId, secret }, call)
  return { fileName: 'appointment.ics', mediaType: 'text/calendar; charset=utf-8', content: icalendar }
}

export const askToCancel = async (
  door: PageDoor,
  visit: Visit,
  access: AppointmentAccess,
  dates: DatesOf,
): Promise<Page> => {
  const appointment = await standing(door, access)
  return cancellationPage(visit, access, appointment, await dates(appointment))
}

export const cancelNow = async (
  { context }: PageDoor,
  { appointmentId, secret, call, path }: AppointmentAccess,
  sent: z.infer<z.ZodObject<typeof cancelFields>>,
): Promise<PageAnswer> => {
  await context.neighbours.appointments.cancelAppointment(
    { appointmentId, because: '', wholeSeries: sent.series === 'yes', by: undefined, secret },
    { ...call, idempotencyKey: sent.key },
  )
  return { redirectTo: `${path}?done=${sent.series === 'yes' ? 'series-cancelled' : 'cancelled'}` }
}

const movePage = async (
  door: PageDoor,
  visit: Visit,
  access: AppointmentAccess,
  search: SlotSearch,
  refused?: Reason,
): Promise<Page> => {
  const { say } = visit
  const appointment = await standing(door, access)
  if (isWhereWithheld(appointment)) throw new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: ownViewAcr } })
  const booking: Booking = {
    path: `${access.path}/move`,
    offered: await offeredNamed(door, visit, appointment.serviceTypeId),
    placeIds: [],
    subject: '',
    secret: access.secret,
    call: access.call,
    token: access.token,
  }
  const taking = {
    action: `${access.path}/move`,
    by: 'act' as const,
    title: say('Changer d’horaire', 'Change the time'),
    lead: html`<p>${say('Votre rendez-vous reste pris tant que vous n’en avez pas choisi un autre :', 'Your appointment stays as it is until you have chosen another time:')}</p>${meetingSection(visit, appointment)}`,
    notTaken: undefined,
    // Nobody waits or is called back for an appointment that they have.
    otherWays: undefined,
  }
  return slotsPage(door, visit, booking, { ...search, units: appointment.units, dates: [] }, taking, refused)
}

export const askToMove = (door: PageDoor, visit: Visit, access: AppointmentAccess): Promise<Page> =>
  movePage(door, visit, access, searchIn(visit.query))

export const moveNow = async (
  door: PageDoor,
  visit: Visit,
  access: AppointmentAccess,
  sent: z.infer<z.ZodObject<typeof moveFields>>,
): Promise<PageAnswer> => {
  const { appointmentId, secret, call, path } = access
  const { serviceTypeId, units } = await standing(door, access)
  const chosen = chosenSlotIn(sent.slot)
  try {
    await door.context.neighbours.appointments.moveAppointment(
      { appointmentId, slot: slotChosenAs(serviceTypeId, chosen, units), by: undefined, secret, mandate: undefined },
      { ...call, idempotencyKey: sent.key },
    )
  } catch (thrown) {
    return movePage(door, visit, access, searchInText(sent.search), refusalShown(thrown))
  }
  return { redirectTo: `${path}?done=moved` }
}
