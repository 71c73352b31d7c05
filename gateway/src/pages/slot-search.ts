import type { SearchSlotsRequest } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { calendarId, localDay, meetingChannel } from '../rest/calendar-schemas.js'
import { accessibilityOf, type ChannelName, channelAsked } from '../rest/calendar-views.js'
import { type SlotView, slotView, type WalkInPlaceView, walkInPlaceView } from '../rest/slot-views.js'
import { type CommuneMeant, communeMeant, mostNameCharacters, type NamedCommune } from './commune-search.js'
import type { Faults } from './form-fields.js'
import { type NeedsSearched, needsIn, needsPairs } from './needs-searched.js'
import type { PageDoor } from './page-door.js'
import type { Visit } from './visit.js'

const slotsPerPage = 60
const usualKilometres = 20
export const distances = [5, 10, 20, 50, 100] as const
export const mostUnits = 10

/** What somebody looks for; it stands in the address of the page, and nothing of it is about them but what they said they need. */
export interface SlotSearch extends NeedsSearched {
  /** Empty: anywhere. */
  readonly placeId: string
  /** As it was typed. */
  readonly commune: string
  readonly kilometres: number
  readonly channel: ChannelName | undefined
  readonly units: number
  /** As it was typed; empty: today. */
  readonly fromDay: string
  /** Dates of a series that were chosen before, as buttons of slots send them. */
  readonly dates: readonly string[]
  readonly after: string
}

const mostDatesRead = 20
const mostDateCharacters = 200

const textOf = (query: Readonly<Record<string, unknown>>, name: string): string => {
  const value = query[name]
  return typeof value === 'string' ? value.trim().slice(0, 500) : ''
}

const allOf = (query: Readonly<Record<string, unknown>>, name: string): string[] => {
  const value = query[name]
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string')
}

const oneOf = <T>(schema: z.ZodType<T>, value: unknown): T | undefined => schema.safeParse(value).data

/** Reads the form of a search; what it does not have is left out. */
export const searchIn = (query: Readonly<Record<string, unknown>>): SlotSearch => {
  return {
    ...needsIn(query),
    placeId: oneOf(calendarId, textOf(query, 'place')) ?? '',
    commune: textOf(query, 'commune').slice(0, mostNameCharacters),
    kilometres: distances.find((one) => String(one) === query.km) ?? usualKilometres,
    channel: oneOf(meetingChannel, query.channel),
    units: oneOf(z.coerce.number().int().min(1).max(mostUnits), query.units) ?? 1,
    fromDay: textOf(query, 'from'),
    dates: allOf(query, 'date')
      .slice(0, mostDatesRead)
      .map((one) => one.slice(0, mostDateCharacters)),
    after: textOf(query, 'after'),
  }
}

/** The same as a query; what was left open is left out. */
export const searchQuery = (search: SlotSearch): URLSearchParams =>
  new URLSearchParams(
    [
      ['place', search.placeId],
      ['commune', search.commune],
      ['km', search.commune === '' ? '' : String(search.kilometres)],
      ['channel', search.channel ?? ''],
      ...needsPairs(search),
      ['units', search.units === 1 ? '' : String(search.units)],
      ['from', search.fromDay],
      ...search.dates.map((one) => ['date', one]),
    ].filter((pair): pair is [string, string] => pair[1] !== ''),
  )

/** A search that a form carried in a hidden field. */
export const searchInText = (text: string): SlotSearch => {
  const query: Record<string, string | string[]> = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const before = query[name]
    query[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]
  }
  return searchIn(query)
}

export interface SlotsFound {
  readonly slots: readonly SlotView[]
  readonly walkInPlaces: readonly WalkInPlaceView[]
  /** Empty after the last page. */
  readonly nextPageToken: string
  /** Around which it was searched. */
  readonly near: NamedCommune | undefined
  /** Those that may have been meant, where there are several. */
  readonly communes: readonly NamedCommune[]
  readonly faults: Faults
}

/** What cannot be looked for as it was typed. */
const faultsOf = ({ say }: Visit, { fromDay }: SlotSearch, meant: CommuneMeant): Faults => {
  const faults = new Map<string, string>()
  if (meant.fault !== undefined) faults.set('commune', meant.fault)
  if (fromDay !== '' && !localDay.safeParse(fromDay).success)
    faults.set('from', say('Écrivez un jour comme 2026-11-24', 'Write a day such as 2026-11-24'))
  return faults
}

const refusedField: Readonly<Record<string, readonly [field: string, french: string, english: string]>> = {
  COMMUNE_UNKNOWN: ['commune', 'Nous ne connaissons pas cette commune', 'We do not know this commune'],
  TIME_PASSED: ['from', 'Ce jour est passé', 'This day has passed'],
  RANGE_INVERTED: ['from', 'On ne peut pas encore réserver ce jour-là', 'That day cannot be booked yet'],
  RANGE_TOO_LONG: ['from', 'On ne peut pas encore réserver ce jour-là', 'That day cannot be booked yet'],
}

/** Where a search may look. */
export interface Searched {
  readonly serviceTypeId: string
  /** Empty: all. */
  readonly placeIds: readonly string[]
}

/** Free slots from some day on, the earliest first; `faults` where the search cannot be made as it is. */
export const findSlots = async (
  door: PageDoor,
  visit: Visit,
  { serviceTypeId, placeIds }: Searched,
  search: SlotSearch,
): Promise<SlotsFound> => {
  const meant = await communeMeant(door, visit, search.commune)
  const nothing = { slots: [], walkInPlaces: [], nextPageToken: '', near: meant.near, communes: meant.communes }
  const faults = faultsOf(visit, search, meant)
  if (faults.size > 0) return { ...nothing, faults }
  const isThere = search.placeId !== '' && (placeIds.length === 0 || placeIds.includes(search.placeId))
  const request: SearchSlotsRequest = {
    serviceTypeId,
    placeIds: isThere ? [search.placeId] : [...placeIds],
    near: meant.near && { commune: meant.near.code, kilometres: search.kilometres },
    channel: channelAsked(search.channel),
    accessibility: search.accessibility.map((one) => accessibilityOf[one]),
    language: search.language,
    fromDay: search.fromDay,
    toDay: '',
    units: search.units,
    isAccompanied: search.isAccompanied,
    pageSize: slotsPerPage,
    pageToken: search.after,
    allOfPeriod: false,
  }
  try {
    const found = await door.context.neighbours.slots.searchSlots(request, { deadline: visit.deadline })
    return {
      ...nothing,
      slots: found.slots.map(slotView),
      walkInPlaces: found.walkInPlaces.map(walkInPlaceView),
      nextPageToken: found.nextPageToken,
      faults,
    }
  } catch (thrown) {
    const [field, french, english] = refusedField[toMeshError(thrown).reason] ?? []
    if (field === undefined || french === undefined || english === undefined) throw thrown
    return { ...nothing, faults: new Map([[field, visit.say(french, english)]]) }
  }
}
