import { type Served, served } from '@unefois/chassis/service'
import { CalendarServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { AppointmentsContext } from '../context.js'
import { createFeed } from '../rpc/create-feed.js'
import { endFeed } from '../rpc/end-feed.js'
import { getCalendar } from '../rpc/get-calendar.js'
import { importBusyTimes } from '../rpc/import-busy-times.js'
import { listServiceTypes } from '../rpc/list-service-types.js'
import { publishCalendar } from '../rpc/publish-calendar.js'
import { readFeed } from '../rpc/read-feed.js'

/** A further contract of the appointments service. */
export const calendarService = (needs: AppointmentsContext): Served =>
  served(CalendarServiceDefinition, {
    publishCalendar: publishCalendar(needs),
    getCalendar: getCalendar(needs),
    listServiceTypes: listServiceTypes(needs),
    importBusyTimes: importBusyTimes(needs),
    createFeed: createFeed(needs),
    endFeed: endFeed(needs),
    readFeed: readFeed(needs),
  })
