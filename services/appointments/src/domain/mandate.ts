import type { MandateShown } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { FieldFault } from '@unefois/proto/hand'
import type { Reason } from '@unefois/proto/reasons'
import { isDay } from './local-time.js'

const longestReference = 128

const formFault = ({ reference, fromDay, toDay }: MandateShown): FieldFault | undefined => {
  if (reference.trim() === '' || reference.length > longestReference)
    return { field: 'mandate.reference', what: `has 1 to ${longestReference} characters` }
  if (!isDay(fromDay)) return { field: 'mandate.fromDay', what: 'is a day, YYYY-MM-DD' }
  if (!isDay(toDay)) return { field: 'mandate.toDay', what: 'is a day, YYYY-MM-DD' }
  return fromDay > toDay ? { field: 'mandate.toDay', what: 'is not before mandate.fromDay' } : undefined
}

/**
 * Why a helper may not act by this mandate today (a day in Europe/Paris, YYYY-MM-DD); its last day is in it. One that is shown is in
 * force, also where none is needed.
 */
export const mandateRefusal = (
  mandate: MandateShown | undefined,
  { needsMandate, today }: { readonly needsMandate: boolean; readonly today: string },
): Reason | FieldFault | undefined => {
  if (!mandate) return needsMandate ? 'MANDATE_MISSING' : undefined
  const fault = formFault(mandate)
  if (fault) return fault
  return mandate.fromDay <= today && today <= mandate.toDay ? undefined : 'MANDATE_ENDED'
}
