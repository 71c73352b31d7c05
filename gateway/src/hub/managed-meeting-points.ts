import type { Deadline } from '@unefois/chassis/deadline'
import type { GatewayContext } from '../context.js'
import type { OfferedPlaceView } from '../rest/calendar-views.js'
import { hubServices } from './hub-services.js'

interface MeetingPoint {
  readonly id: string
  readonly name: string
  readonly longitude: number
  readonly latitude: number
  readonly public_entry_address: string
  readonly zip_code: string
  readonly city_name: string
  readonly website?: string
}

const meetingPoint = (one: OfferedPlaceView): MeetingPoint => ({
  id: one.placeId,
  name: one.title.fr,
  longitude: one.longitude ?? 0,
  latitude: one.latitude ?? 0,
  public_entry_address: one.address ?? '',
  zip_code: one.postCode ?? '',
  city_name: one.city ?? '',
  ...(one.website !== null && { website: one.website }),
})

/** Every place where slots can exist for what the hub asks for. */
export const managedMeetingPoints = async (context: GatewayContext, deadline: Deadline): Promise<MeetingPoint[]> => {
  const places = (await hubServices(context, deadline)).flatMap((one) => one.places)
  return [...new Map(places.map((place) => [place.placeId, place])).values()].map(meetingPoint)
}
