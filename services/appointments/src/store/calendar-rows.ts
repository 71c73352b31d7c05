import type { Transaction } from '@unefois/chassis/postgres'
import { Closure, Place, Resource, Schedule, ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { ClosureAt } from '../domain/calendar-check-closures.js'

// Each of these puts rows in the place of those of the same id.

export const putPlaces = async (tx: Transaction, places: readonly Place[]): Promise<void> => {
  await tx.query(
    `INSERT INTO place (place_id, content) SELECT * FROM unnest($1::text[], $2::bytea[])
     ON CONFLICT (place_id) DO UPDATE SET content = excluded.content`,
    [places.map(({ placeId }) => placeId), places.map((each) => Place.encode(each).finish())],
  )
}

export const putServiceTypes = async (tx: Transaction, types: readonly ServiceType[]): Promise<void> => {
  await tx.query(
    `INSERT INTO service_type (service_type_id, content) SELECT * FROM unnest($1::text[], $2::bytea[])
     ON CONFLICT (service_type_id) DO UPDATE SET content = excluded.content`,
    [types.map(({ serviceTypeId }) => serviceTypeId), types.map((each) => ServiceType.encode(each).finish())],
  )
}

export const putResources = async (tx: Transaction, resources: readonly Resource[]): Promise<void> => {
  await tx.query(
    `INSERT INTO resource (resource_id, place_id, content) SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[])
     ON CONFLICT (resource_id) DO UPDATE SET place_id = excluded.place_id, content = excluded.content`,
    [
      resources.map(({ resourceId }) => resourceId),
      resources.map(({ placeId }) => placeId),
      resources.map((each) => Resource.encode(each).finish()),
    ],
  )
}

export const putSchedules = async (tx: Transaction, schedules: readonly Schedule[]): Promise<void> => {
  await tx.query(
    `INSERT INTO schedule (schedule_id, place_id, practitioner_no, room_no, content)
     SELECT schedule_id, put.place_id, practitioner.resource_no, room.resource_no, put.content
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[])
          WITH ORDINALITY AS put (schedule_id, place_id, practitioner_id, room_id, content, nth)
     LEFT JOIN resource AS practitioner ON practitioner.resource_id = practitioner_id
     LEFT JOIN resource AS room ON room.resource_id = room_id
     ORDER BY nth
     ON CONFLICT (schedule_id) DO UPDATE SET place_id = excluded.place_id, practitioner_no = excluded.practitioner_no,
       room_no = excluded.room_no, content = excluded.content`,
    [
      schedules.map(({ scheduleId }) => scheduleId),
      schedules.map(({ placeId }) => placeId),
      schedules.map(({ practitionerId }) => practitionerId),
      schedules.map(({ roomId }) => roomId),
      schedules.map((each) => Schedule.encode(each).finish()),
    ],
  )
}

/** Those that were put before give way first: two may exchange their times. */
export const putClosures = async (tx: Transaction, closures: readonly ClosureAt[]): Promise<void> => {
  const ids = closures.map(({ closure }) => closure.closureId)
  await tx.query('DELETE FROM closure WHERE closure_id = ANY($1)', [ids])
  const idOf = (kind: 'placeId' | 'resourceId') =>
    closures.map(({ closure: { of } }) => (of?.$case === kind ? of.value : null))
  await tx.query(
    `INSERT INTO closure (closure_id, place_id, resource_no, starts_at_ms, ends_at_ms, content, is_retired)
     SELECT closure_id, put.place_id, resource_no, starts_at_ms, ends_at_ms, put.content, is_retired
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bytea[], $7::boolean[])
          AS put (closure_id, place_id, resource_id, starts_at_ms, ends_at_ms, content, is_retired)
     LEFT JOIN resource USING (resource_id)`,
    [
      ids,
      idOf('placeId'),
      idOf('resourceId'),
      closures.map(({ startsAtMs }) => startsAtMs),
      closures.map(({ endsAtMs }) => endsAtMs),
      closures.map(({ closure }) => Closure.encode(closure).finish()),
      closures.map(({ closure }) => closure.isRetired),
    ],
  )
}
