import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ImportBusyTimesRequest,
  ImportBusyTimesResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { reopen } from '../calendar/reopen.js'
import type { AppointmentsContext } from '../context.js'
import type { Calendar } from '../domain/calendar.js'
import { busyTimes, busyWindow } from '../icalendar/busy-times.js'
import { inTurns } from '../icalendar/steps.js'
import { replaceBusyTimes } from '../store/busy-times.js'
import { displacedOf } from '../store/displaced.js'
import type { ServingNeeds } from '../waiting/needs.js'
import { serveOpened } from '../waiting/serve-opened.js'
import { calendarId } from './appointment-fields.js'

type Needs = ServingNeeds & Pick<AppointmentsContext, 'calendars'>

/** Error: PRACTITIONER_UNKNOWN. */
const practitionerIn = ({ practitioners, places }: Calendar, practitionerId: string) => {
  const practitioner = practitioners.get(practitionerId)
  if (!practitioner) throw new MeshError('PRACTITIONER_UNKNOWN')
  return { no: practitioner.no, zone: places.get(practitioner.resource.placeId)?.zone ?? 'UTC' }
}

/** Errors: PRACTITIONER_UNKNOWN, BUSY_TIMES_INVALID naming the field; what was imported before stays then. */
export const importBusyTimes = (needs: Needs): PlainRpc<ImportBusyTimesRequest, ImportBusyTimesResponse> => ({
  request: z.object({
    practitionerId: calendarId,
    source: z.string().regex(/^[\x20-\x7e]{1,64}$/, 'not a name of 1 to 64 printable ASCII characters'),
    icalendar: z.string(),
  }),
  handle: async ({ practitionerId, source, icalendar }) => {
    const { runtime, book, calendars } = needs
    const nowMs = Math.floor(runtime.clock.nowMs())
    const { zone } = practitionerIn(await book.current(), practitionerId)
    const window = busyWindow(nowMs, zone)
    const spans = await inTurns(busyTimes({ icalendar, zone, member: runtime.member, window }))
    if ('what' in spans) {
      const { field, what } = spans
      throw new MeshError('BUSY_TIMES_INVALID', { detail: `${field} ${what}.`, facts: { field, what } })
    }
    const imported = await runtime.postgres.transaction(async (tx) => {
      await calendars.lock(tx)
      const calendar = await book.current(tx)
      const { no } = practitionerIn(calendar, practitionerId)
      await replaceBusyTimes(tx, { resourceNo: no, source }, spans)
      const schedules = [...calendar.schedules.values()].filter(({ practitioner }) => practitioner?.no === no)
      await reopen(needs, tx, calendar, schedules)
      const events = await serveOpened(needs, tx, calendar, schedules)
      const scheduleNos = schedules.map((each) => each.no)
      const displacedAppointmentIds = await displacedOf(tx, scheduleNos, nowMs)
      if (events.length > 0) await runtime.outbox.add(tx, events)
      return { busyTimes: spans.length, displacedAppointmentIds }
    })
    runtime.outbox.wake()
    return imported
  },
})
