import type {
  Place,
  Practitioner,
  Resource,
  Room,
  Schedule,
  ServiceType,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'

/** A practitioner or a room, with the number that claims name. */
export interface KnownResource<K = Practitioner | Room> {
  readonly no: number
  readonly resource: Resource
  readonly of: K
}

/** A schedule with all that it names. */
export interface KnownSchedule {
  readonly no: number
  readonly schedule: Schedule
  readonly place: Place
  readonly practitioner: KnownResource<Practitioner> | undefined
  readonly room: KnownResource<Room> | undefined
}

/** The calendar of an agency at one revision. What is retired is in it, and says so. */
export interface Calendar {
  readonly revision: number
  readonly places: ReadonlyMap<string, Place>
  readonly serviceTypes: ReadonlyMap<string, ServiceType>
  readonly practitioners: ReadonlyMap<string, KnownResource<Practitioner>>
  readonly rooms: ReadonlyMap<string, KnownResource<Room>>
  readonly schedules: ReadonlyMap<string, KnownSchedule>
  readonly schedulesByNo: ReadonlyMap<number, KnownSchedule>
  /** By service type, without what is retired. */
  readonly offering: ReadonlyMap<string, readonly KnownSchedule[]>
}

/** What a schedule offers, without what is retired. */
export const offeredBy = (
  { schedule }: Pick<KnownSchedule, 'schedule'>,
  { serviceTypes }: Pick<Calendar, 'serviceTypes'>,
): ServiceType[] =>
  schedule.serviceTypeIds.flatMap((id) => serviceTypes.get(id) ?? []).filter((type) => !type.isRetired)

/** The numbers of what a meeting of a schedule takes. */
export const resourceNosOf = ({ practitioner, room }: Pick<KnownSchedule, 'practitioner' | 'room'>): number[] =>
  [practitioner, room].flatMap((each) => each?.no ?? [])
