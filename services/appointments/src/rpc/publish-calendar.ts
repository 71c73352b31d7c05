import type { Transaction } from '@unefois/chassis/postgres'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  PublishCalendarRequest,
  PublishCalendarResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { changedBy, inNewZones, publishedBy } from '../calendar/publication.js'
import { reopen } from '../calendar/reopen.js'
import type { AppointmentsContext } from '../context.js'
import type { Calendar } from '../domain/calendar.js'
import { type Published, schedulesAbout } from '../domain/calendar-changes.js'
import { closuresAt, formRefusal, referenceRefusal } from '../domain/calendar-check.js'
import { type ClosureAt, overlapRefusal } from '../domain/calendar-check-closures.js'
import type { CalendarRefusal } from '../domain/calendar-refusal.js'
import { displacedOf } from '../store/displaced.js'
import type { ServingNeeds } from '../waiting/needs.js'
import { serveOpened } from '../waiting/serve-opened.js'

type Needs = ServingNeeds & Pick<AppointmentsContext, 'calendars'>

const most = 500
const list = z.array(z.object({})).max(most)

const errorOf = ({ reason, facts }: CalendarRefusal): MeshError =>
  new MeshError(reason, { detail: [facts.field, facts.what].filter(Boolean).join(' '), facts })

const requireNone = (refusal: CalendarRefusal | undefined): void => {
  if (refusal) throw errorOf(refusal)
}

/** The closures that stand where a publication puts some, and wherever it may change the zone. */
const standingClosures = (
  { calendars }: Needs,
  tx: Transaction,
  { places, resources }: Published,
  before: Calendar,
): Promise<ClosureAt[]> => {
  const there = [...before.practitioners.values(), ...before.rooms.values()]
    .filter(({ resource }) => places.has(resource.placeId))
    .map(({ resource }) => resource.resourceId)
  return calendars.closuresOf([...places], [...resources, ...there], 0, tx)
}

const publish = async (
  needs: Needs,
  put: PublishCalendarRequest,
  tx: Transaction,
): Promise<PublishCalendarResponse> => {
  const { runtime, calendars, book } = needs
  // From here on nobody else publishes, and the calendar in memory is the one that stands.
  await calendars.lock(tx)
  const before = await book.current(tx)
  requireNone(referenceRefusal(put, before))
  const closures = closuresAt(put, before)
  if ('reason' in closures) throw errorOf(closures)
  const about = publishedBy(put, closures)
  const kept = await calendars.closuresNamed(
    tx,
    put.closures.map(({ closureId }) => closureId),
  )
  const standing = await standingClosures(needs, tx, about, before)
  requireNone(overlapRefusal(closures, standing))
  const anew = new Set(closures.map(({ closure }) => closure.closureId))
  const moved = inNewZones(put, before, standing).filter(({ closure }) => !anew.has(closure.closureId))

  const revision = await calendars.publish(tx, { ...put, closures: [...closures, ...moved] })
  const after = await calendars.read(tx)
  const reopened = schedulesAbout(after, changedBy(put, before, kept))
  await reopen(needs, tx, after, reopened)
  const events = await serveOpened(needs, tx, after, reopened)
  const nos = schedulesAbout(after, about).map(({ no }) => no)
  const displacedAppointmentIds = await displacedOf(tx, nos, runtime.clock.nowMs())
  if (events.length > 0) await runtime.outbox.add(tx, events)
  return { revision, displacedAppointmentIds }
}

/**
 * Publishes all of it or nothing. Errors: CALENDAR_INVALID naming the field, ZONE_UNKNOWN, LOCAL_TIME_SKIPPED, LOCAL_TIME_TWICE,
 * RANGE_INVERTED, RANGE_TOO_LONG, CLOSURE_OVERLAPS naming the other closure.
 */
export const publishCalendar = (needs: Needs): PlainRpc<PublishCalendarRequest, PublishCalendarResponse> => ({
  request: z.object({ places: list, resources: list, serviceTypes: list, schedules: list, closures: list }),
  handle: async (request) => {
    requireNone(formRefusal(request))
    const published = await needs.runtime.postgres.transaction((tx) => publish(needs, request, tx))
    needs.runtime.outbox.wake()
    return published
  },
})
