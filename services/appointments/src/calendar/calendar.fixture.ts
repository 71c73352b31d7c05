import type { Call } from '@unefois/chassis/rpc'
import {
  type Closure,
  MeetingChannel,
  type PublishCalendarRequest,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { SearchSlotsRequest, SearchSlotsResponse } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { MeshError } from '@unefois/proto/reasons'
import { type Agency, system } from '../agency.fixture.js'
import { publishCalendar } from '../rpc/publish-calendar.js'
import { searchSlots } from '../rpc/search-slots.js'

export const nothing: PublishCalendarRequest = {
  places: [],
  resources: [],
  serviceTypes: [],
  schedules: [],
  closures: [],
}

/** The hall is closed on the test's Tuesday. */
export const hallClosure = (change: Partial<Closure> = {}): Closure => ({
  closureId: 'works',
  of: { $case: 'placeId', value: 'hall' },
  from: '2026-11-24T00:00',
  to: '2026-11-25T00:00',
  title: undefined,
  isRetired: false,
  ...change,
})

export const publish = (agency: Agency, change: Partial<PublishCalendarRequest>) =>
  publishCalendar(agency).handle({ ...nothing, ...change }, system())

/** A search that filters nothing. */
export const anySlot: SearchSlotsRequest = {
  serviceTypeId: 'id-card',
  placeIds: [],
  near: undefined,
  channel: MeetingChannel.MEETING_CHANNEL_UNSPECIFIED,
  accessibility: [],
  language: '',
  fromDay: '',
  toDay: '',
  units: 0,
  isAccompanied: false,
  pageSize: 0,
  pageToken: '',
  allOfPeriod: false,
}

export const search = (
  agency: Agency,
  change: Partial<SearchSlotsRequest> = {},
  call: Call = system(),
): Promise<SearchSlotsResponse> => searchSlots(agency).handle({ ...anySlot, ...change }, call)

/** What a refusal says, or that there was none. */
export const refusalOf = async (work: Promise<unknown>): Promise<object> => {
  try {
    await work
    return { reason: 'nothing' }
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    return { reason: error.reason, ...error.facts }
  }
}
