import { AppointmentState, type BookAppointmentResponse } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { type Booking, slotIsGone } from './booking.js'
import { formKey } from './booking-acts.js'
import { bookingAsked, nothingSaid, refusedSaid, type Said, saidFaults, saidFields, saidIn } from './booking-form.js'
import { bookingSearchPage, refusalShown } from './booking-search-page.js'
import { noFaults } from './form-fields.js'
import type { PageDoor } from './page-door.js'
import { datesIn, mostDates, seriesFault } from './series-choice.js'
import { seriesPage } from './series-page.js'
import { type ChosenSlot, isSameSlot, slotChosenAs, slotValue } from './slot-choice.js'
import { isSlotFree } from './slot-freeness.js'
import { type SlotSearch, searchIn, searchInText } from './slot-search.js'
import type { Page, PageAnswer, Visit } from './visit.js'

const mostListed = 100

/** What the form of a series sends; its dates stand in the search. */
export const seriesFields = { key: formKey, search: z.string().max(6000), ...saidFields }
type Sent = z.infer<z.ZodObject<typeof seriesFields>>

/** Whether there is nothing of a series to show: no date was chosen, or one is all that can be booked at once. */
const isNoSeries = (booking: Booking, { dates }: SlotSearch): boolean => dates.length === 0 || mostDates(booking) === 1

/** The dates of the address, and the form that books them; the times where that is no series. */
export const askSeries = async (door: PageDoor, visit: Visit, booking: Booking): Promise<Page> => {
  const search = searchIn(visit.query)
  if (isNoSeries(booking, search)) return bookingSearchPage(door, visit, booking, search)
  const said = nothingSaid({
    isAccompanied: search.isAccompanied,
    accessibility: search.accessibility,
    interpreter: search.language,
  })
  return seriesPage(visit, booking, search, { said, faults: noFaults, gone: [] })
}

/** The dates that can still be had: what is free, and what the person holds. */
const stillFree = async (
  door: PageDoor,
  visit: Visit,
  { offered, subject, call }: Booking,
  dates: readonly ChosenSlot[],
  { units, isAccompanied }: { readonly units: number; readonly isAccompanied: boolean },
): Promise<ChosenSlot[]> => {
  const { appointments: held } = await door.context.neighbours.appointments.listAppointments(
    {
      ...{ subject, placeId: '', practitionerId: '', fromMs: 0, toMs: 0, pageSize: mostListed, pageToken: '' },
      state: AppointmentState.APPOINTMENT_STATE_HELD,
    },
    call,
  )
  const isFree = await Promise.all(
    dates.map(
      (chosen) =>
        held.some((one) => isSameSlot(one, chosen)) ||
        isSlotFree(door, visit, { offered, chosen, units, isAccompanied }),
    ),
  )
  return dates.filter((_, at) => isFree[at])
}

/** After a refusal: what is gone is chosen anew, and the rest stays. */
const chooseAnew = async (
  door: PageDoor,
  visit: Visit,
  booking: Booking,
  search: SlotSearch,
  { said, thrown }: { readonly said: Said; readonly thrown: unknown },
): Promise<Page> => {
  const reason = refusalShown(thrown)
  const dates = datesIn(search.dates)
  const wanted = { units: search.units, isAccompanied: said.isAccompanied }
  const free = slotIsGone.has(reason) ? await stillFree(door, visit, booking, dates, wanted) : []
  const rest = { ...search, dates: free.map(slotValue) }
  if (free.length === 0) return bookingSearchPage(door, visit, booking, rest, reason)
  const gone = dates.filter((date) => !free.includes(date))
  return seriesPage(visit, booking, rest, { said, faults: noFaults, gone, refused: reason })
}

/** Books all dates of a series or none; `answered` says where to go then. */
export const bookSeries = async (
  door: PageDoor,
  visit: Visit,
  booking: Booking,
  sent: Sent,
  answered: (booked: BookAppointmentResponse) => PageAnswer,
): Promise<PageAnswer> => {
  const search = searchInText(sent.search)
  const { offered, subject, call } = booking
  if (isNoSeries(booking, search)) return bookingSearchPage(door, visit, booking, search)
  const dates = datesIn(search.dates)
  const said = saidIn(sent)
  const channels = dates.map(({ channel }) => channel)
  const faults = saidFaults(visit, said, channels)
  const fault = seriesFault(dates, mostDates(booking), offered, search.units)
  if (fault || faults.size > 0) return seriesPage(visit, booking, search, { said, faults, gone: [] })
  try {
    return answered(
      await door.context.neighbours.appointments.bookAppointment(
        bookingAsked(visit, said, channels, {
          subject,
          slots: dates.map((date) => slotChosenAs(offered.serviceType.serviceTypeId, date, search.units)),
        }),
        { ...call, idempotencyKey: sent.key },
      ),
    )
  } catch (thrown) {
    const refused = refusedSaid(visit, toMeshError(thrown))
    if (refused) return seriesPage(visit, booking, search, { said, faults: refused, gone: [] })
    return chooseAnew(door, visit, booking, search, { said, thrown })
  }
}
