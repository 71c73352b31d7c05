import type { Calendar, KnownSchedule } from './calendar.js'

/** Ids of what was published. */
export interface Published {
  readonly places: ReadonlySet<string>
  readonly resources: ReadonlySet<string>
  readonly serviceTypes: ReadonlySet<string>
  readonly schedules: ReadonlySet<string>
}

/** The schedules whose openings come from any of this. */
export const schedulesAbout = (calendar: Calendar, about: Published): KnownSchedule[] =>
  [...calendar.schedules.values()].filter(
    ({ schedule, place, practitioner, room }) =>
      about.schedules.has(schedule.scheduleId) ||
      about.places.has(place.placeId) ||
      [practitioner, room].some((each) => each && about.resources.has(each.resource.resourceId)) ||
      schedule.serviceTypeIds.some((id) => about.serviceTypes.has(id)),
  )
