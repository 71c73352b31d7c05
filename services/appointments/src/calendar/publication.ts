import { isDeepStrictEqual } from 'node:util'
import type { PublishCalendarRequest } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Calendar } from '../domain/calendar.js'
import type { Published } from '../domain/calendar-changes.js'
import type { ClosureAt } from '../domain/calendar-check-closures.js'
import { closureSpan } from '../domain/closure-span.js'

type Put = Omit<PublishCalendarRequest, 'closures'>

const closed = (closures: readonly Pick<ClosureAt, 'closure'>[], kind: 'placeId' | 'resourceId'): string[] =>
  closures.flatMap(({ closure: { of } }) => (of?.$case === kind ? [of.value] : []))

/** Everything that a publication is about. */
export const publishedBy = (put: Put, closures: readonly Pick<ClosureAt, 'closure'>[]): Published => ({
  places: new Set([...put.places.map(({ placeId }) => placeId), ...closed(closures, 'placeId')]),
  resources: new Set([...put.resources.map(({ resourceId }) => resourceId), ...closed(closures, 'resourceId')]),
  serviceTypes: new Set(put.serviceTypes.map(({ serviceTypeId }) => serviceTypeId)),
  schedules: new Set(put.schedules.map(({ scheduleId }) => scheduleId)),
})

/** What of a publication is another than before, as far as openings come from it: who publishes all each night changes little. */
export const changedBy = (put: PublishCalendarRequest, before: Calendar, kept: readonly ClosureAt[]): Published => {
  const resourceBefore = (id: string) => (before.practitioners.get(id) ?? before.rooms.get(id))?.resource
  const closureBefore = new Map(kept.map(({ closure }) => [closure.closureId, closure]))
  const closures = put.closures
    .filter((closure) => !isDeepStrictEqual(closure, closureBefore.get(closure.closureId)))
    .flatMap((closure) => [closure, ...[closureBefore.get(closure.closureId)].flatMap((each) => each ?? [])])
  return publishedBy(
    {
      places: put.places.filter(({ placeId, zone }) => before.places.get(placeId)?.zone !== zone),
      resources: put.resources.filter((each) => !isDeepStrictEqual(each, resourceBefore(each.resourceId))),
      serviceTypes: put.serviceTypes.filter(
        (each) => !isDeepStrictEqual(each, before.serviceTypes.get(each.serviceTypeId)),
      ),
      schedules: put.schedules.filter(
        (each) => !isDeepStrictEqual(each, before.schedules.get(each.scheduleId)?.schedule),
      ),
    },
    closures.map((closure) => ({ closure })),
  )
}

/** Closures of places whose zone becomes another one, by the clocks of that: what was written is local time. */
export const inNewZones = (put: Put, before: Calendar, standing: readonly ClosureAt[]): ClosureAt[] => {
  const zones = new Map(
    put.places
      .filter(({ placeId, zone }) => (before.places.get(placeId)?.zone ?? zone) !== zone)
      .map(({ placeId, zone }) => [placeId, zone]),
  )
  const placeOf = (id: string) => (before.practitioners.get(id) ?? before.rooms.get(id))?.resource.placeId
  return standing.flatMap((kept) => {
    const { of } = kept.closure
    const zone = zones.get((of?.$case === 'resourceId' ? placeOf(of.value) : of?.value) ?? '')
    return zone === undefined ? [] : [{ ...kept, ...closureSpan(kept.closure, zone) }]
  })
}
