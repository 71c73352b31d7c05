import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { Closure, Place, Resource, Schedule, ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { calendarOf } from '../calendar/calendar.js'
import type { Calendar } from '../domain/calendar.js'
import type { ClosureAt } from '../domain/calendar-check-closures.js'
import type { Span } from '../domain/slots.js'
import { putClosures, putPlaces, putResources, putSchedules, putServiceTypes } from './calendar-rows.js'

/** What one publication puts, checked. */
export interface CheckedCalendar {
  readonly places: readonly Place[]
  readonly resources: readonly Resource[]
  readonly serviceTypes: readonly ServiceType[]
  readonly schedules: readonly Schedule[]
  readonly closures: readonly ClosureAt[]
}

interface Row {
  readonly kind: 'revision' | 'place' | 'service_type' | 'resource' | 'schedule'
  readonly no: number
  readonly content: Buffer | null
}

interface ClosureRow {
  readonly starts_at_ms: number
  readonly ends_at_ms: number
  readonly content: Buffer
}

const closureOf = (row: ClosureRow): ClosureAt => ({
  startsAtMs: row.starts_at_ms,
  endsAtMs: row.ends_at_ms,
  closure: Closure.decode(row.content),
})

// One statement is one snapshot, whatever the transaction around it sees.
const readAll = `SELECT 'revision' AS kind, revision AS no, NULL::bytea AS content FROM calendar_revision
  UNION ALL SELECT 'place', 0, content FROM place
  UNION ALL SELECT 'service_type', 0, content FROM service_type
  UNION ALL SELECT 'resource', resource_no, content FROM resource
  UNION ALL SELECT 'schedule', schedule_no, content FROM schedule`

/** What the agency's software published. */
export class CalendarStore {
  readonly #postgres: Queryable

  constructor(postgres: Queryable) {
    this.#postgres = postgres
  }

  async revision(db: Queryable = this.#postgres): Promise<number> {
    const { rows } = await db.query<{ revision: number }>({
      name: 'calendar-revision',
      text: 'SELECT revision FROM calendar_revision',
    })
    return rows[0]?.revision ?? 0
  }

  /** Whoever changes the calendar or its openings waits here, before any other lock. Answers the revision as it stands. */
  async lock(tx: Transaction): Promise<number> {
    const { rows } = await tx.query<{ revision: number }>('SELECT revision FROM calendar_revision FOR UPDATE')
    return rows[0]?.revision ?? 0
  }

  /** The whole calendar at one revision. */
  async read(db: Queryable = this.#postgres): Promise<Calendar> {
    const { rows } = await db.query<Row>(readAll)
    const of = <T>(kind: Row['kind'], decode: (content: Buffer, no: number) => T): T[] =>
      rows.flatMap((row) => (row.kind === kind && row.content ? [decode(row.content, row.no)] : []))
    return calendarOf({
      revision: rows.find(({ kind }) => kind === 'revision')?.no ?? 0,
      places: of('place', (content) => Place.decode(content)),
      serviceTypes: of('service_type', (content) => ServiceType.decode(content)),
      resources: of('resource', (content, no) => ({ no, resource: Resource.decode(content) })),
      schedules: of('schedule', (content, no) => ({ no, schedule: Schedule.decode(content) })),
    })
  }

  /** Puts what was checked, each in the place of the one of its id. Answers the new revision. The transaction holds the lock. */
  async publish(tx: Transaction, checked: CheckedCalendar): Promise<number> {
    await putPlaces(tx, checked.places)
    await putServiceTypes(tx, checked.serviceTypes)
    await putResources(tx, checked.resources)
    await putSchedules(tx, checked.schedules)
    await putClosures(tx, checked.closures)
    const { rows } = await tx.query<{ revision: number }>(
      'UPDATE calendar_revision SET revision = revision + 1 RETURNING revision',
    )
    return rows[0]?.revision ?? 0
  }

  /** The closures of places and resources that end after a moment, without retired ones; in the order of their beginnings. */
  async closuresOf(
    placeIds: readonly string[],
    resourceIds: readonly string[],
    afterMs: number,
    db: Queryable = this.#postgres,
  ): Promise<ClosureAt[]> {
    const { rows } = await db.query<ClosureRow>(
      `SELECT closure.starts_at_ms, closure.ends_at_ms, closure.content
       FROM closure LEFT JOIN resource USING (resource_no)
       WHERE (closure.place_id = ANY($1) OR resource.resource_id = ANY($2)) AND ends_at_ms > $3 AND NOT is_retired
       ORDER BY closure.starts_at_ms, closure_id`,
      [placeIds, resourceIds, Math.floor(afterMs)],
    )
    return rows.map(closureOf)
  }

  /** The closures of these ids, also retired ones. */
  async closuresNamed(tx: Transaction, ids: readonly string[]): Promise<ClosureAt[]> {
    const { rows } = await tx.query<ClosureRow>(
      'SELECT starts_at_ms, ends_at_ms, content FROM closure WHERE closure_id = ANY($1)',
      [ids],
    )
    return rows.map(closureOf)
  }

  /** When practitioners are busy by other calendars, after a moment; by the number of the resource. */
  async busyTimes(
    resourceNos: readonly number[],
    afterMs: number,
    db: Queryable = this.#postgres,
  ): Promise<(Span & { readonly resourceNo: number })[]> {
    const { rows } = await db.query<{ resource_no: number; starts_at_ms: number; ends_at_ms: number }>(
      `SELECT resource_no, starts_at_ms, ends_at_ms FROM busy_time
       WHERE resource_no = ANY($1) AND ends_at_ms > $2 ORDER BY starts_at_ms`,
      [resourceNos, Math.floor(afterMs)],
    )
    return rows.map((row) => ({
      resourceNo: row.resource_no,
      startsAtMs: row.starts_at_ms,
      endsAtMs: row.ends_at_ms,
    }))
  }
}
