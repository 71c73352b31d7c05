import type { BookAppointmentResponse } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { Booking } from './booking.js'
import { bookingAsked, nothingSaid, refusedSaid, saidFaults, saidFields, saidIn } from './booking-form.js'
import { type Filled, holdPage, numbersWanted } from './booking-hold-page.js'
import { bookingSearchPage, refusalShown } from './booking-search-page.js'
import { noFaults } from './form-fields.js'
import type { PageDoor } from './page-door.js'
import { numberFaults, numberFields, numbersIn, refusedNumber, secondAppointment } from './pre-application-fields.js'
import { chosenSlotIn, slotChosenAs } from './slot-choice.js'
import { searchInText } from './slot-search.js'
import type { Page, PageAnswer, Visit } from './visit.js'

/** Drawn with a form, so that one that is sent twice has one effect. */
export const formKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const searchText = z.string().max(2000)
const slot = z.string().max(200)

/** What the button of a slot sends. */
export const choiceFields = { key: formKey, search: searchText, slot }
type Choice = z.infer<z.ZodObject<typeof choiceFields>>

/** What the form of a held slot sends. */
export const confirmFields = {
  ...choiceFields,
  hold: z.uuid(),
  until: z.string().regex(/^[0-9]{1,15}$/),
  ...numberFields,
  ...saidFields,
}
type Confirmed = z.infer<z.ZodObject<typeof confirmFields>>

/** Holds the slot of a button, and asks for the rest. */
export const holdChosen = async (
  door: PageDoor,
  visit: Visit,
  booking: Booking,
  { key, search: text, slot: value }: Choice,
): Promise<Page> => {
  const search = searchInText(text)
  const chosen = chosenSlotIn(value)
  const { offered, subject, secret, call } = booking
  try {
    const { holdId, untilMs } = await door.context.neighbours.appointments.holdSlot(
      {
        subject,
        slot: slotChosenAs(offered.serviceType.serviceTypeId, chosen, search.units),
        isAccompanied: search.isAccompanied,
        by: undefined,
        secret,
        mandate: undefined,
      },
      { ...call, idempotencyKey: key },
    )
    const said = nothingSaid({
      isAccompanied: search.isAccompanied,
      accessibility: search.accessibility,
      interpreter: search.language,
    })
    return holdPage(visit, booking, { holdId, untilMs, chosen }, search, { said, numbers: [], faults: noFaults })
  } catch (thrown) {
    return bookingSearchPage(door, visit, booking, search, refusalShown(thrown))
  }
}

/** Books a held slot with what was said; `answered` says where to go then. */
export const confirmHeld = async (
  door: PageDoor,
  visit: Visit,
  booking: Booking,
  sent: Confirmed,
  answered: (booked: BookAppointmentResponse) => PageAnswer,
): Promise<PageAnswer> => {
  const search = searchInText(sent.search)
  const said = saidIn(sent)
  const count = numbersWanted(booking, search.units)
  const numbers = numbersIn(sent, count)
  const held = { holdId: sent.hold, untilMs: Number(sent.until), chosen: chosenSlotIn(sent.slot) }
  const again = (of: Pick<Filled, 'faults' | 'second'>): Page =>
    holdPage(visit, booking, held, search, { said, numbers, ...of })
  const faults = new Map([...numberFaults(visit, numbers), ...saidFaults(visit, said, [held.chosen.channel])])
  if (faults.size > 0) return again({ faults })
  try {
    return answered(
      await door.context.neighbours.appointments.bookAppointment(
        bookingAsked(visit, said, [held.chosen.channel], {
          subject: booking.subject,
          holdIds: [sent.hold],
          preApplications: numbers,
          isSecondConfirmed: sent.second === 'yes',
          secret: booking.secret,
        }),
        { ...booking.call, idempotencyKey: sent.key },
      ),
    )
  } catch (thrown) {
    const second = secondAppointment(visit, thrown)
    if (second) return again({ faults: noFaults, second })
    const refused = refusedSaid(visit, toMeshError(thrown)) ?? refusedNumber(visit, thrown, count)
    if (refused) return again({ faults: refused })
    return bookingSearchPage(door, visit, booking, search, refusalShown(thrown))
  }
}

/** The first appointment of a booking. Error: INTERNAL. */
export const bookedId = ({ appointments }: BookAppointmentResponse): string => {
  const [first] = appointments
  if (!first) throw new MeshError('INTERNAL', { cause: 'a booking without its appointment' })
  return first.appointmentId
}
