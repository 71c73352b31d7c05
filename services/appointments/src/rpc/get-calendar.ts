import { PageTokens } from '@unefois/chassis/page-token'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { GetCalendarRequest, GetCalendarResponse } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { calendarPage, isCalendarPosition } from '../calendar/calendar-page.js'
import type { AppointmentsContext } from '../context.js'
import { calendarId } from './calendar-fields.js'

type Needs = Pick<AppointmentsContext, 'book' | 'calendars'>

const mostSize = 500

/** Errors: PLACE_UNKNOWN, PAGE_TOKEN_MISMATCH. */
export const getCalendar = ({ book, calendars }: Needs): PlainRpc<GetCalendarRequest, GetCalendarResponse> => ({
  request: z.object({
    placeId: calendarId,
    pageSize: z.number().int().min(0).max(mostSize),
    pageToken: z.string().max(200),
  }),
  handle: async ({ placeId, pageSize, pageToken }) => {
    const tokens = new PageTokens('calendar', { placeId })
    const after = tokens.positionIn(pageToken)
    if (pageToken !== '' && !isCalendarPosition(after)) throw new MeshError('PAGE_TOKEN_MISMATCH')
    const calendar = await book.current()
    const place = calendar.places.get(placeId)
    if (!place) throw new MeshError('PLACE_UNKNOWN')
    const here = [...calendar.schedules.values()].filter(({ schedule }) => schedule.placeId === placeId)
    // An agent of another place may have hours here.
    const named = new Set(here.flatMap(({ practitioner, room }) => [practitioner?.no, room?.no]))
    const resources = [...calendar.practitioners.values(), ...calendar.rooms.values()].filter(
      ({ no, resource }) => resource.placeId === placeId || named.has(no),
    )
    const closures = await calendars.closuresOf(
      [placeId],
      resources.map(({ resource }) => resource.resourceId),
      0,
    )
    const offered = new Set(here.flatMap(({ schedule }) => schedule.serviceTypeIds))
    const { of, upTo } = calendarPage(
      {
        resources: resources.map(({ resource }) => resource),
        schedules: here.map(({ schedule }) => schedule),
        closures: closures.map(({ closure }) => closure),
        serviceTypes: [...calendar.serviceTypes.values()].filter(({ serviceTypeId }) => offered.has(serviceTypeId)),
      },
      after,
      pageSize || mostSize,
    )
    return {
      place,
      resources: [...of.resources],
      schedules: [...of.schedules],
      closures: [...of.closures],
      serviceTypes: [...of.serviceTypes],
      revision: calendar.revision,
      nextPageToken: tokens.after(upTo),
    }
  },
})
