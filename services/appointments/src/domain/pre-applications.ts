import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { FieldFault } from '@unefois/proto/hand'
import type { BookingWay } from './booking-rules.js'

/** The number of a pre-application of the national hub. */
export const isPreApplication = (text: string): boolean => /^[A-Z0-9]{10}$/.test(text)

/**
 * What is wrong with the pre-applications of one meeting, one for each document. An agent also books for somebody who has none yet.
 */
export const preApplicationsFault = (
  given: readonly string[],
  { hubReasons }: Pick<ServiceType, 'hubReasons'>,
  units: number,
  way: BookingWay,
): FieldFault | undefined => {
  const wrong = given.findIndex((each, at) => !isPreApplication(each) || given.indexOf(each) !== at)
  if (wrong >= 0) return { field: `preApplications.${wrong}`, what: 'is 10 of A-Z and 0-9, and another one each' }
  const isEnough = hubReasons.length === 0 || given.length === units || (way === 'agent' && given.length === 0)
  return isEnough ? undefined : { field: 'preApplications', what: 'has one for each document' }
}
