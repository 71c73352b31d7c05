import { MeshError, type Reason, reasons, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { hubBookingPath, secretPath } from '../booking-addresses.js'
import { calendarId } from '../rest/calendar-schemas.js'
import type { OfferedView } from '../rest/calendar-views.js'
import { randomSecret } from '../session/secrets.js'
import { openCall } from './booking.js'
import { formKey } from './booking-acts.js'
import {
  bookingAsked,
  nothingSaid,
  refusedSaid,
  saidFaults,
  saidFields,
  saidForm,
  saidIn,
  saidLabels,
} from './booking-form.js'
import { chosenSection, type Filled } from './booking-hold-page.js'
import { offeredNamed } from './booking-reading.js'
import { faultSummary, noFaults } from './form-fields.js'
import { html } from './html.js'
import { languageLink } from './layout.js'
import type { PageDoor } from './page-door.js'
import {
  numberFaults,
  numberFields,
  numberForm,
  numberLabels,
  numbersIn,
  refusedNumber,
  secondAppointment,
} from './pre-application-fields.js'
import { type ChosenSlot, slotChosenAs } from './slot-choice.js'
import { isSlotFree } from './slot-freeness.js'
import { placeNamed } from './slot-list.js'
import type { Page, PageAnswer, Visit } from './visit.js'

/** What the address of a slot says, as the gateway gave it to the hub. */
const hubSlot = z.object({
  service: calendarId,
  place: calendarId,
  schedule: calendarId,
  start: z.string().regex(/^[0-9]{1,15}$/),
  documents: z.string().regex(/^([1-9]|10)$/),
  reason: z.string().regex(/^[A-Z-]{1,20}$/),
})

/** A slot of the hub as it is now. */
interface Wanted {
  readonly of: z.infer<typeof hubSlot>
  readonly offered: OfferedView
  readonly chosen: ChosenSlot
  readonly documents: number
}

const slotIsGone = new Set<Reason>(['SLOT_TAKEN', 'SLOT_UNKNOWN', 'SLOT_NOT_OPEN', 'SLOT_RESERVED', 'TIME_PASSED'])

const formPage = (
  visit: Visit,
  { of, offered, chosen, documents }: Wanted,
  { said, numbers, faults, second }: Filled,
): Page => {
  const { say, words } = visit
  const labels = { ...numberLabels(visit, documents), ...saidLabels(visit, [chosen.channel]) }
  const title = words.print(offered.serviceType.title)
  return {
    title: faults.size > 0 ? `${say('À corriger : ', 'To correct: ')}${title}` : title,
    ...(faults.size > 0 && { status: 422 }),
    ...(second && { status: second.status }),
    languages: languageLink(visit, `${hubBookingPath}?${new URLSearchParams(of)}`),
    body: html`${faultSummary(visit, faults, labels)}${second?.note}${chosenSection(visit, { offered }, chosen)}
<form method="post" action="${hubBookingPath}"><input type="hidden" name="key" value="${randomSecret()}">${Object.entries(
      of,
    ).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${numberForm(visit, documents, numbers, faults)}${second?.question}
${saidForm(visit, said, faults, [chosen.channel])}
<p><button>${say('Prendre ce rendez-vous', 'Make this appointment')}</button></p></form>`,
  }
}

const gonePage = ({ say, words }: Visit, { offered }: Wanted): Page => ({
  title: words.print(offered.serviceType.title),
  status: reasons.SLOT_TAKEN.http,
  body: html`<div class="alert" role="alert"><p>${say(
    'Cet horaire n’est plus libre. Rien n’a été réservé. Retournez au site où vous l’avez trouvé et choisissez-en un autre, ou appelez-nous.',
    'This time is no longer free. Nothing was booked. Go back to the site where you found it and choose another, or call us.',
  )}</p></div>`,
})

/** Booking a slot that the national hub has shown, by the numbers of pre-applications. */
export const addBookingByHub = (door: PageDoor): void => {
  const { neighbours } = door.context

  const wanted = async (visit: Visit, given: object): Promise<Wanted> => {
    const read = hubSlot.safeParse(given)
    if (!read.success) throw new MeshError('SLOT_UNKNOWN')
    const of = read.data
    const offered = await offeredNamed(door, visit, of.service)
    const isShown = placeNamed(offered, of.place) && offered.serviceType.hubReasons.includes(of.reason)
    if (!isShown) throw new MeshError('SLOT_UNKNOWN')
    const chosen = {
      scheduleId: of.schedule,
      startsAtMs: Number(of.start),
      channel: 'counter' as const,
      placeId: of.place,
      company: 'alone' as const,
    }
    return { of, offered, chosen, documents: Number(of.documents) }
  }

  /** Who comes from the hub may have had its page open for long. */
  const isFree = (visit: Visit, { offered, chosen, documents }: Wanted): Promise<boolean> =>
    isSlotFree(door, visit, { offered, chosen, units: documents, isAccompanied: false })

  door.show(hubBookingPath, async (visit) => {
    const slot = await wanted(visit, visit.query)
    if (!(await isFree(visit, slot))) return gonePage(visit, slot)
    return formPage(visit, slot, { numbers: [], said: nothingSaid(), faults: noFaults })
  })

  const fields = { key: formKey, ...hubSlot.shape, ...numberFields, ...saidFields }
  door.submitOpen(hubBookingPath, fields, async (visit, sent): Promise<PageAnswer> => {
    const slot = await wanted(visit, sent)
    const numbers = numbersIn(sent, slot.documents)
    const said = saidIn(sent)
    const again = (of: Pick<Filled, 'faults' | 'second'>): Page => formPage(visit, slot, { numbers, said, ...of })
    const faults = new Map([...numberFaults(visit, numbers), ...saidFaults(visit, said, [slot.chosen.channel])])
    if (faults.size > 0) return again({ faults })
    try {
      const { secret } = await neighbours.appointments.bookAppointment(
        bookingAsked(visit, said, [slot.chosen.channel], {
          slots: [slotChosenAs(slot.of.service, slot.chosen, slot.documents)],
          preApplications: numbers,
          isSecondConfirmed: sent.second === 'yes',
          secret: { of: { $case: 'preApplication', value: numbers[0] ?? '' } },
        }),
        { ...openCall(visit), idempotencyKey: sent.key },
      )
      return { redirectTo: `${secretPath(secret)}?done=booked` }
    } catch (thrown) {
      const error = toMeshError(thrown)
      if (slotIsGone.has(error.reason)) return gonePage(visit, slot)
      const second = secondAppointment(visit, thrown)
      if (second) return again({ faults: noFaults, second })
      const refused = refusedSaid(visit, error) ?? refusedNumber(visit, thrown, slot.documents)
      if (refused) return again({ faults: refused })
      throw thrown
    }
  })
}
