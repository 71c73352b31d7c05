import type { PublishCalendarRequest } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Calendar, KnownResource } from './calendar.js'
import { type ClosureAt, closureAt, closureRefusal } from './calendar-check-closures.js'
import { placeRefusal, resourceRefusal } from './calendar-check-places.js'
import { scheduleRefusal } from './calendar-check-schedules.js'
import { serviceTypeRefusal } from './calendar-check-service-types.js'
import { type CalendarRefusal, firstFault, firstOf } from './calendar-refusal.js'

/** Two of one id: which of them would count is nothing to guess. */
const twice = (list: string, field: string, ids: readonly string[]): CalendarRefusal | undefined =>
  firstOf(list, ids, (id, at) =>
    firstFault(at, [[field, ids.indexOf(id) === Number(at.slice(list.length + 1)), 'stands here once']]),
  )

/** What is wrong in a publication, whatever was published before. */
export const formRefusal = (put: PublishCalendarRequest): CalendarRefusal | undefined =>
  firstOf('places', put.places, placeRefusal) ??
  firstOf('resources', put.resources, resourceRefusal) ??
  firstOf('serviceTypes', put.serviceTypes, serviceTypeRefusal) ??
  firstOf('schedules', put.schedules, scheduleRefusal) ??
  firstOf('closures', put.closures, closureRefusal) ??
  twice(
    'places',
    'placeId',
    put.places.map(({ placeId }) => placeId),
  ) ??
  twice(
    'resources',
    'resourceId',
    put.resources.map(({ resourceId }) => resourceId),
  ) ??
  twice(
    'serviceTypes',
    'serviceTypeId',
    put.serviceTypes.map(({ serviceTypeId }) => serviceTypeId),
  ) ??
  twice(
    'schedules',
    'scheduleId',
    put.schedules.map(({ scheduleId }) => scheduleId),
  ) ??
  twice(
    'closures',
    'closureId',
    put.closures.map(({ closureId }) => closureId),
  )

const kindOf = ({ practitioners, rooms }: Calendar, id: string): 'practitioner' | 'room' | undefined =>
  practitioners.has(id) ? 'practitioner' : rooms.has(id) ? 'room' : undefined

/** What is wrong with what a publication names, by itself or in what was published before. */
export const referenceRefusal = (put: PublishCalendarRequest, before: Calendar): CalendarRefusal | undefined => {
  const zones = new Map([...before.places.values(), ...put.places].map((place) => [place.placeId, place.zone]))
  const types = new Set([...before.serviceTypes.keys(), ...put.serviceTypes.map(({ serviceTypeId }) => serviceTypeId)])
  const standing = (known: ReadonlyMap<string, KnownResource>) => [...known.values()].map(({ resource }) => resource)
  const resources = new Map(
    [...standing(before.practitioners), ...standing(before.rooms), ...put.resources].map((each) => [
      each.resourceId,
      each,
    ]),
  )
  const isKind = (id: string, kind: 'practitioner' | 'room'): boolean => resources.get(id)?.kind?.$case === kind
  const placeWords = 'names a place of this calendar'
  return (
    firstOf('resources', put.resources, ({ resourceId, placeId, kind }, at) =>
      firstFault(at, [
        ['placeId', zones.has(placeId), placeWords],
        [
          'kind',
          (kindOf(before, resourceId) ?? kind?.$case) === kind?.$case,
          'stays what it was published as: a new one has an id of its own',
        ],
        [
          'placeId',
          ![...before.schedules.values()].some(
            ({ schedule }) =>
              schedule.roomId === resourceId &&
              schedule.placeId !== placeId &&
              !put.schedules.some(({ scheduleId }) => scheduleId === schedule.scheduleId),
          ),
          'is where the schedules of the room are',
        ],
      ]),
    ) ??
    firstOf('schedules', put.schedules, ({ placeId, practitionerId, roomId, serviceTypeIds }, at) =>
      firstFault(at, [
        ['placeId', zones.has(placeId), placeWords],
        [
          'practitionerId',
          practitionerId === '' || isKind(practitionerId, 'practitioner'),
          'names a practitioner of this calendar, or is empty',
        ],
        ['roomId', roomId === '' || isKind(roomId, 'room'), 'names a room of this calendar, or is empty'],
        ['roomId', roomId === '' || resources.get(roomId)?.placeId === placeId, 'names a room of the same place'],
        ...serviceTypeIds.map(
          (id, index) => [`serviceTypeIds.${index}`, types.has(id), 'names a service type of this calendar'] as const,
        ),
      ]),
    ) ??
    firstOf('closures', put.closures, ({ of }, at) =>
      firstFault(at, [
        ['of', of?.$case !== 'placeId' || zones.has(of.value), placeWords],
        ['of', of?.$case !== 'resourceId' || resources.has(of.value), 'names a resource of this calendar'],
      ]),
    )
  )
}

/** When the closures of a publication are, by the clocks of their places; the references were checked. */
export const closuresAt = (
  put: Pick<PublishCalendarRequest, 'places' | 'resources' | 'closures'>,
  before: Calendar,
): readonly ClosureAt[] | CalendarRefusal => {
  const zoneOf = (placeId: string | undefined): string =>
    put.places.find((place) => place.placeId === placeId)?.zone ?? before.places.get(placeId ?? '')?.zone ?? 'UTC'
  const placeOf = (id: string): string | undefined =>
    put.resources.find(({ resourceId }) => resourceId === id)?.placeId ??
    (before.practitioners.get(id) ?? before.rooms.get(id))?.resource.placeId
  const found: ClosureAt[] = []
  for (const [index, closure] of put.closures.entries()) {
    const { of } = closure
    const zone = zoneOf(of?.$case === 'resourceId' ? placeOf(of.value) : of?.value)
    const at = closureAt(closure, zone, `closures.${index}`)
    if ('reason' in at) return at
    found.push(at)
  }
  return found
}
