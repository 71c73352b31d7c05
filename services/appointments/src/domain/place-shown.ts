import type { Place } from '@unefois/proto/gen/unefois/appointments/v1/calendar'

/** A place as everybody may know it: of a confidential one nothing says where it is. */
export const placeShown = (place: Place): Place =>
  place.isConfidential
    ? { ...place, address: '', postCode: '', city: '', commune: '', latitude: 0, longitude: 0, sharedPlace: '' }
    : place
