import type { Deadline } from '@unefois/chassis/deadline'
import { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { SearchSlotsRequest, Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { toMeshError } from '@unefois/proto/reasons'
import { hubBookingPath } from '../booking-addresses.js'
import type { GatewayContext } from '../context.js'
import { type Period, periodsOf, searchable } from './hub-days.js'
import { among, count, day, type HubQuery, many } from './hub-query.js'
import { HubRefusal } from './hub-refusal.js'
import { type HubReason, hubReasons, hubServices } from './hub-services.js'

/** What the contract takes at once. */
const mostUnits = 10
const slotsPerPage = 1000
const placesAtOnce = 100
/** Bounds of one answer: beyond them the later slots of all meeting points are left out. */
const mostMeetingPoints = 1000
const mostPages = 60
/** Of the time that the hub waits, what putting an answer together and sending it may take. */
const toAnswerMs = 5000

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

type Search = Omit<SearchSlotsRequest, 'fromDay' | 'toDay' | 'pageToken'>

/** The pages of one search, ascending; a calendar that has just changed has none. */
async function* pagesOf(
  { neighbours }: Pick<GatewayContext, 'neighbours'>,
  search: Search,
  periods: readonly Period[],
  deadline: Deadline,
): AsyncGenerator<readonly Slot[]> {
  for (const { startDay: fromDay, endDay: toDay } of periods) {
    let pageToken = ''
    do {
      try {
        const found = await neighbours.slots.searchSlots({ ...search, fromDay, toDay, pageToken }, { deadline })
        yield found.slots
        pageToken = found.nextPageToken
      } catch (thrown) {
        if (nobodyElsesFault.has(toMeshError(thrown).reason)) break
        throw thrown
      }
    } while (pageToken !== '')
  }
}

interface Reading {
  readonly pages: AsyncGenerator<readonly Slot[]>
  /** Up to where it was read. */
  readonly uptoMs: number
}

interface Page {
  readonly slots: readonly Slot[]
  /** Up to where all searches were read; 0 while one of them was not. */
  readonly allUptoMs: number
}

/** The pages of all searches, next always that of the one that was read least far: what is left out in the end is later for everybody. */
async function* together(readings: readonly Reading[]): AsyncGenerator<Page> {
  const open = [...readings]
  for (;;) {
    const next = open.reduce((first, each) => (each.uptoMs < first.uptoMs ? each : first), open[0] as Reading)
    if (!next) return
    open.splice(open.indexOf(next), 1)
    const { value: slots, done } = await next.pages.next()
    if (done) continue
    open.push({ pages: next.pages, uptoMs: slots.at(-1)?.startsAtMs ?? next.uptoMs })
    yield { slots, allUptoMs: Math.min(...open.map(({ uptoMs }) => uptoMs)) }
  }
}

const inBatches = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))

/** What the hub does not ask about. */
const atCounters = {
  near: undefined,
  channel: MeetingChannel.MEETING_CHANNEL_COUNTER,
  accessibility: [],
  language: '',
  isAccompanied: false,
  pageSize: slotsPerPage,
  allOfPeriod: true,
}

/**
 * Free slots by meeting point, ascending, no datetime twice; each meeting point that was asked for is a key. Where there are too many, or the
 * agency is too busy to read them all in time, the later ones of all meeting points are left out.
 */
export const availableTimeSlots = async (
  context: GatewayContext,
  { meetingPointIds, startDay, endDay, reason, documents }: SlotsAsked,
  deadline: Deadline,
): Promise<Record<string, TimeSlot[]>> => {
  const found = new Map(meetingPointIds.map((id) => [id, new Map<string, TimeSlot>()]))
  const period = searchable({ startDay, endDay }, context.clock.nowMs())
  const services = period && documents <= mostUnits ? await hubServices(context, deadline) : []
  const readings = services
    .filter(({ serviceType }) => serviceType.hubReasons.includes(reason))
    .flatMap(({ serviceType, places }) =>
      inBatches(
        places.map(({ placeId }) => placeId).filter((id) => found.has(id)),
        placesAtOnce,
      ).map((placeIds) => {
        const search = { serviceTypeId: serviceType.serviceTypeId, placeIds, units: documents, ...atCounters }
        return { pages: pagesOf(context, search, periodsOf(period), deadline), uptoMs: 0 }
      }),
    )
  let pages = 0
  for await (const { slots, allUptoMs } of together(readings)) {
    pages += 1
    for (const slot of slots) {
      const datetime = hubDatetime(slot.localStart)
      const at = found.get(slot.placeId)
      if (at && !at.has(datetime))
        at.set(datetime, { datetime, callback_url: bookingAddress(context.config.publicUrl, slot, reason, documents) })
    }
    const isLate = allUptoMs > 0 && deadline.remainingMs() < toAnswerMs
    if (pages < mostPages && !isLate) continue
    context.log.warn({ reason, pages, isLate }, 'an answer to the national hub may be without its later slots')
    break
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
