import { PageTokens } from '@unefois/chassis/page-token'
import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import { MeetingChannel, type ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import {
  type SearchSlotsRequest,
  type SearchSlotsResponse,
  Slot,
} from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { knownType } from '../booking/chosen-meeting.js'
import type { AppointmentsContext } from '../context.js'
import type { Calendar } from '../domain/calendar.js'
import { localDay } from '../domain/local-time.js'
import { mostPageBytes } from '../domain/page-budget.js'
import { daysRefusal, searchedDays, searchedSpan } from '../domain/search-days.js'
import type { SlotKey } from '../domain/slot-queue.js'
import { type SlotWish, suitableSchedules } from '../domain/slot-wish.js'
import { type FoundSlots, findSlots } from '../search/slot-search.js'
import { slotOf } from '../search/slot-view.js'
import { walkInPlaces } from '../walk-ins/places.js'
import { calendarId, dayOrEmpty, searchedNeeds } from './calendar-fields.js'

type Needs = Pick<AppointmentsContext, 'runtime' | 'book' | 'openings' | 'fullOpenings' | 'communes'>

const usualSize = 20
const mostSize = 100
const mostOfPeriod = 1000
const mostPlaces = 100
// Each of its ids has at most 64 letters.
const mostSlotBytes = 400

const request = z
  .object({
    serviceTypeId: calendarId,
    placeIds: z.array(calendarId).max(mostPlaces),
    near: z
      .object({
        commune: z.string().regex(/^[0-9AB]{5}$/, 'not an INSEE code'),
        kilometres: z.number().int().min(1).max(200),
      })
      .optional(),
    channel: z.number().int().min(0).max(MeetingChannel.MEETING_CHANNEL_HOME_VISIT),
    ...searchedNeeds,
    fromDay: dayOrEmpty,
    toDay: dayOrEmpty,
    units: z.number().int().min(0).max(10),
    isAccompanied: z.boolean(),
    pageSize: z.number().int().min(0).max(mostOfPeriod),
    pageToken: z.string().max(200),
    allOfPeriod: z.boolean(),
  })
  .refine(({ allOfPeriod, pageSize }) => allOfPeriod || pageSize <= mostSize, {
    path: ['pageSize'],
    message: `more than ${mostSize}`,
  })

/** Whose a search is as far as it matters: agents see what nobody books by themselves. */
const isByAgent = ({ caller }: Call): boolean => caller.kind === 'system'

const sizeOf = ({ allOfPeriod, pageSize }: SearchSlotsRequest): number =>
  pageSize || (allOfPeriod ? mostOfPeriod : usualSize)

const tokensOf = ({ pageSize: _, pageToken: __, near, ...filters }: SearchSlotsRequest): PageTokens =>
  new PageTokens('slots', {
    ...filters,
    placeIds: filters.placeIds.join(),
    accessibility: filters.accessibility.join(),
    commune: near?.commune ?? '',
    kilometres: near?.kilometres ?? 0,
    isAccompanied: Number(filters.isAccompanied),
    allOfPeriod: Number(filters.allOfPeriod),
  })

/** Error: PAGE_TOKEN_MISMATCH. */
const keyIn = (position: string): SlotKey => {
  if (position === '') return { startsAtMs: 0, scheduleNo: 0 }
  const [, startsAt, schedule] = /^(\d{1,15})\.(\d{1,10})$/.exec(position) ?? []
  if (startsAt === undefined || schedule === undefined) throw new MeshError('PAGE_TOKEN_MISMATCH')
  return { startsAtMs: Number(startsAt), scheduleNo: Number(schedule) }
}

/** Errors: PLACE_UNKNOWN and COMMUNE_UNKNOWN, naming the field. */
const wishOf = ({ communes }: Needs, { places }: Calendar, type: ServiceType, asked: SearchSlotsRequest): SlotWish => {
  const unknown = asked.placeIds.findIndex((id) => !places.has(id))
  if (unknown >= 0) throw new MeshError('PLACE_UNKNOWN', { facts: { field: `placeIds.${unknown}` } })
  const { near, channel, accessibility, language } = asked
  const centre = near && communes.get(near.commune)
  if (near && !centre) throw new MeshError('COMMUNE_UNKNOWN', { facts: { field: 'near.commune' } })
  return {
    serviceType: type,
    placeIds: asked.placeIds,
    near: near && centre && { centre, kilometres: near.kilometres },
    channel: channel === MeetingChannel.MEETING_CHANNEL_UNSPECIFIED ? undefined : channel,
    accessibility,
    language,
    units: asked.units || 1,
  }
}

/** As many of the slots as fit into one answer, and where the next one goes on. */
const page = (
  { slots, upTo }: FoundSlots,
  type: ServiceType,
): { readonly slots: Slot[]; readonly upTo: SlotKey | undefined } => {
  if (slots.length * mostSlotBytes <= mostPageBytes) return { slots: slots.map((each) => slotOf(each, type)), upTo }
  const shown: Slot[] = []
  let bytes = 0
  for (const found of slots) {
    const slot = slotOf(found, type)
    bytes += Slot.encode(slot).finish().length
    const last = slots[shown.length - 1]
    if (bytes > mostPageBytes && last) return { slots: shown, upTo: { ...last, scheduleNo: last.known.no } }
    shown.push(slot)
  }
  return { slots: shown, upTo }
}

/**
 * Errors: SERVICE_TYPE_UNKNOWN, PLACE_UNKNOWN, COMMUNE_UNKNOWN, RANGE_INVERTED, RANGE_TOO_LONG, TIME_PASSED for days that are all over,
 * PAGE_TOKEN_MISMATCH.
 */
export const searchSlots = (needs: Needs): PlainRpc<SearchSlotsRequest, SearchSlotsResponse> => ({
  request,
  handle: async (asked, call) => {
    const { runtime, book } = needs
    const nowMs = Math.floor(runtime.clock.nowMs())
    const calendar = await book.current()
    const type = knownType(calendar, asked.serviceTypeId)
    const offered = calendar.offering.get(type.serviceTypeId) ?? []
    const suitable = suitableSchedules(offered, wishOf(needs, calendar, type, asked))
    const tokens = tokensOf(asked)
    const after = keyIn(tokens.positionIn(asked.pageToken))

    const days = { from: asked.fromDay, to: asked.toDay }
    const zones = [...new Set([...calendar.places.values()].map(({ zone }) => zone))]
    const todays = zones.map((zone) => localDay(zone, nowMs)).sort()
    const [today = localDay('UTC', nowMs), latest = today] = [todays[0], todays.at(-1)]
    const refusal = daysRefusal(days, today)
    if (refusal) throw new MeshError(refusal.reason, { facts: refusal.facts })
    if (type.isUrgent) {
      const places = await walkInPlaces(needs, suitable.schedules, nowMs)
      return { slots: [], nextPageToken: '', walkInPlaces: places, fromDay: today, toDay: latest }
    }

    const bookable = isByAgent(call) ? undefined : type
    const found = await findSlots(
      { db: runtime.postgres, fullOpenings: needs.fullOpenings },
      {
        ...{ calendar, type, suitable, after, nowMs, units: asked.units || 1, limit: sizeOf(asked) },
        spanIn: (zone) => searchedSpan(zone, searchedDays(days, type, localDay(zone, nowMs)), nowMs, bookable),
        kept: isByAgent(call) || asked.isAccompanied ? 'shown' : 'hidden',
      },
    )
    const { slots, upTo } = page(found, type)
    return {
      slots,
      nextPageToken: tokens.after(upTo && `${upTo.startsAtMs}.${upTo.scheduleNo}`),
      walkInPlaces: [],
      fromDay: searchedDays(days, type, today).from,
      toDay: searchedDays(days, type, latest).to,
    }
  },
})
