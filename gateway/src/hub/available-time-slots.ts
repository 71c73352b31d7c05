import type { Deadline } from '@unefois/chassis/deadline'
import { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { SearchSlotsRequest, Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { toMeshError } from '@unefois/proto/reasons'
import { hubBookingPath } from '../booking-addresses.js'
import type { GatewayContext } from '../context.js'
import { periodsOf, searchable } from './hub-days.js'
import { among, count, day, type HubQuery, many } from './hub-query.js'
import { HubRefusal } from './hub-refusal.js'
import { type HubReason, hubReasons, hubServices } from './hub-services.js'

/** What the contract takes at once. */
const mostUnits = 10
const slotsPerPage = 1000
const placesAtOnce = 100
/** Bounds of one answer: beyond them the later slots are left out. */
const mostMeetingPoints = 1000
const mostPages = 60

interface TimeSlot {
  readonly datetime: string
  readonly callback_url: string
}

export interface SlotsAsked {
  readonly meetingPointIds: readonly string[]
  readonly startDay: string
  readonly endDay: string
  readonly reason: HubReason
  readonly documents: number
}

/** Reads the hub's question. Error: HubRefusal. */
export const slotsAsked = (query: HubQuery): SlotsAsked => {
  const asked = {
    reason: among(query, 'reason', hubReasons),
    meetingPointIds: many(query, 'meeting_point_ids', mostMeetingPoints),
    startDay: day(query, 'start_date'),
    endDay: day(query, 'end_date'),
    documents: count(query, 'documents_number'),
  }
  if (asked.startDay > asked.endDay) throw new HubRefusal(400, 'start_date is after end_date')
  return asked
}

const minuteLength = 'YYYY-MM-DDTHH:MM'.length

/** Local wall clock of the place with a literal Z, as the hub writes it. */
export const hubDatetime = (localStart: string): string => `${localStart.slice(0, minuteLength)}Z`

const nobodyElsesFault = new Set<string>(['TIME_PASSED', 'SERVICE_TYPE_UNKNOWN', 'PLACE_UNKNOWN'])

/** One page after the other of what may be seen; a calendar that has just changed has none. */
async function* slotsOf(
  { neighbours, log }: GatewayContext,
  request: Omit<SearchSlotsRequest, 'pageToken'>,
  deadline: Deadline,
  pages: { left: number },
): AsyncGenerator<Slot[]> {
  let pageToken = ''
  do {
    if (pages.left-- <= 0) {
      log.warn({ serviceType: request.serviceTypeId }, 'the national hub asked for more slots than one answer holds')
      return
    }
    try {
      const found = await neighbours.slots.searchSlots({ ...request, pageToken }, { deadline })
      yield found.slots
      pageToken = found.nextPageToken
    } catch (thrown) {
      if (nobodyElsesFault.has(toMeshError(thrown).reason)) return
      throw thrown
    }
  } while (pageToken !== '')
}

const inBatches = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))

/** Free slots by meeting point, ascending, no datetime twice; each meeting point that was asked for is a key. */
export const availableTimeSlots = async (
  context: GatewayContext,
  { meetingPointIds, startDay, endDay, reason, documents }: SlotsAsked,
  deadline: Deadline,
): Promise<Record<string, TimeSlot[]>> => {
  const found = new Map(meetingPointIds.map((id) => [id, new Map<string, TimeSlot>()]))
  const period = searchable({ startDay, endDay }, context.clock.nowMs())
  const services = period && documents <= mostUnits ? await hubServices(context, deadline) : []
  const pages = { left: mostPages }
  for (const { serviceType, places } of services.filter((one) => one.serviceType.hubReasons.includes(reason))) {
    const placeIds = places.map(({ placeId }) => placeId).filter((id) => found.has(id))
    for (const { startDay: fromDay, endDay: toDay } of periodsOf(period))
      for (const batch of inBatches(placeIds, placesAtOnce)) {
        const request = {
          serviceTypeId: serviceType.serviceTypeId,
          placeIds: batch,
          near: undefined,
          channel: MeetingChannel.MEETING_CHANNEL_COUNTER,
          accessibility: [],
          language: '',
          fromDay,
          toDay,
          units: documents,
          isAccompanied: false,
          pageSize: slotsPerPage,
          allOfPeriod: true,
        }
        for await (const slots of slotsOf(context, request, deadline, pages))
          for (const slot of slots) {
            const datetime = hubDatetime(slot.localStart)
            const at = found.get(slot.placeId)
            if (at && !at.has(datetime))
              at.set(datetime, {
                datetime,
                callback_url: bookingAddress(context.config.publicUrl, slot, reason, documents),
              })
          }
      }
  }
  const ascending = (all: Map<string, TimeSlot>): TimeSlot[] =>
    [...all.values()].sort((one, other) => (one.datetime < other.datetime ? -1 : 1))
  return Object.fromEntries([...found].map(([id, all]) => [id, ascending(all)]))
}

/** Where the slot is booked. */
const bookingAddress = (publicUrl: string, slot: Slot, reason: HubReason, documents: number): string =>
  `${publicUrl}${hubBookingPath}?${new URLSearchParams({
    service: slot.serviceTypeId,
    place: slot.placeId,
    schedule: slot.scheduleId,
    start: String(slot.startsAtMs),
    documents: String(documents),
    reason,
  })}`
