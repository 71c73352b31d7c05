import type { BookAppointmentRequest } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { invalid, preApplicationInvalid, requireSound } from '../appointment/refusals.js'
import type { AppointmentSaid } from '../domain/appointment.js'
import { contactFault } from '../domain/contact.js'
import { isPreApplication, preApplicationsFault } from '../domain/pre-applications.js'
import type { BookingParty } from './party.js'

const mostAtOnce = 12

/** How many a request books. Error: APPOINTMENT_INVALID naming the list. */
export const requireCount = (
  { holdIds, slots, preApplications }: BookAppointmentRequest,
  { secretSha256 }: BookingParty,
): void => {
  const field = holdIds.length > 0 ? 'holdIds' : 'slots'
  const count = holdIds.length + slots.length
  if ((holdIds.length > 0 && slots.length > 0) || count === 0 || count > mostAtOnce)
    throw invalid({ field, what: `has 1 to ${mostAtOnce}, either holds or slots` })
  if (count > 1 && (secretSha256 || preApplications.length > 0))
    throw invalid({ field, what: 'is one with a secret or a pre-application' })
  const each = holdIds.length > 0 ? holdIds : slots.map(({ scheduleId, startsAtMs }) => `${scheduleId} ${startsAtMs}`)
  if (new Set(each).size < count) throw invalid({ field, what: 'has each once' })
}

/** What the person says about themselves and how they want to hear. Error: APPOINTMENT_INVALID naming the field. */
export const saidIn = (
  { contact, language, note, needs, preApplications, mandate }: BookAppointmentRequest,
  { hand, link }: BookingParty,
  nowMs: number,
): Partial<AppointmentSaid> => {
  requireSound(contactFault(contact))
  const isAccompanied = needs?.isAccompanied === true || link?.isAccompanied === true
  const stated = isAccompanied || needs ? { accessibility: [], language: '', ...needs, isAccompanied } : undefined
  return { contact, language, note, needs: stated, preApplications, mandate, bookedAtMs: nowMs, bookedBy: hand }
}

/** Error: PRE_APPLICATION_INVALID for what is no number of one, before anybody is asked about it. */
export const requireWellFormed = (preApplications: readonly string[]): void => {
  const at = preApplications.findIndex((each) => !isPreApplication(each))
  if (at >= 0) throw preApplicationInvalid({ field: `preApplications.${at}`, what: 'is 10 of A-Z and 0-9' })
}

/** Error: PRE_APPLICATION_INVALID where there is not one of each document, or not that of the secret; APPOINTMENT_INVALID. */
export const requirePreApplications = (
  given: readonly string[],
  type: ServiceType,
  units: number,
  { way, preApplication }: BookingParty,
): void => {
  if (type.hubReasons.length === 0 && given.length > 0)
    throw invalid({ field: 'preApplications', what: 'is empty: this needs none' })
  const fault = preApplicationsFault(given, type, units, way)
  if (fault) throw preApplicationInvalid(fault)
  if (preApplication !== undefined && !given.includes(preApplication))
    throw preApplicationInvalid({ field: 'preApplications', what: 'has the one of the secret' })
}
