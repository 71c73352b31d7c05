import type {
  Place,
  Practitioner,
  Resource,
  Room,
  Schedule,
  ServiceType,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'

import type { Calendar, KnownResource, KnownSchedule } from '../domain/calendar.js'

/** What a calendar is made of, as it is kept. */
export interface CalendarParts {
  readonly revision: number
  readonly places: Iterable<Place>
  readonly serviceTypes: Iterable<ServiceType>
  readonly resources: Iterable<{ readonly no: number; readonly resource: Resource }>
  readonly schedules: Iterable<{ readonly no: number; readonly schedule: Schedule }>
}

/** Puts together what names each other. Throws where something is named that is not there: it was checked when it was published. */
export const calendarOf = (parts: CalendarParts): Calendar => {
  const places = new Map([...parts.places].map((place) => [place.placeId, place]))
  const serviceTypes = new Map([...parts.serviceTypes].map((type) => [type.serviceTypeId, type]))
  const practitioners = new Map<string, KnownResource<Practitioner>>()
  const rooms = new Map<string, KnownResource<Room>>()
  for (const { no, resource } of parts.resources)
    if (resource.kind?.$case === 'practitioner')
      practitioners.set(resource.resourceId, { no, resource, of: resource.kind.value })
    else if (resource.kind) rooms.set(resource.resourceId, { no, resource, of: resource.kind.value })
  const schedules = new Map<string, KnownSchedule>()
  const schedulesByNo = new Map<number, KnownSchedule>()
  const offering = new Map<string, KnownSchedule[]>()
  for (const { no, schedule } of parts.schedules) {
    const place = places.get(schedule.placeId)
    if (!place) throw new Error(`schedule ${schedule.scheduleId} is kept without its place`)
    const [practitioner, room] = [practitioners.get(schedule.practitionerId), rooms.get(schedule.roomId)]
    const known = { no, schedule, place, practitioner, room }
    schedules.set(schedule.scheduleId, known)
    schedulesByNo.set(no, known)
    if (schedule.isRetired) continue
    for (const id of schedule.serviceTypeIds) {
      if (serviceTypes.get(id)?.isRetired !== false) continue
      const others = offering.get(id)
      if (others) others.push(known)
      else offering.set(id, [known])
    }
  }
  const { revision } = parts
  return { revision, places, serviceTypes, practitioners, rooms, schedules, schedulesByNo, offering }
}
