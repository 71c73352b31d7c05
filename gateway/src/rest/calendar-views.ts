import {
  Accessibility,
  Booker,
  type Closure,
  MeetingChannel,
  type OfferedServiceType,
  type Place,
  type Resource,
  type Schedule,
  type ServiceType,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { z } from 'zod'
import type {
  accessibility,
  booker,
  closure,
  meetingChannel,
  offeredPlace,
  place,
  resource,
  schedule,
  serviceType,
} from './calendar-schemas.js'
import { textOf } from './eligibility-views.js'
import { nameIn } from './enum-names.js'

// From the messages of the calendar to what the REST door and the pages show, and back.

export type PlaceView = z.infer<typeof place>
export type OfferedPlaceView = z.infer<typeof offeredPlace>
export type ServiceTypeView = Omit<z.infer<typeof serviceType>, 'channels' | 'booker' | 'visitMembers'> & {
  readonly channels: readonly ChannelView[]
  readonly booker: z.infer<typeof booker> | 'unknown'
  readonly visitMembers: readonly string[]
}
export type ChannelName = z.infer<typeof meetingChannel>
export type ChannelView = ChannelName | 'unknown'
export type AccessibilityName = z.infer<typeof accessibility>
export interface OfferedView {
  readonly serviceType: ServiceTypeView
  readonly places: readonly OfferedPlaceView[]
}

export const meetingChannelOf: Readonly<Record<ChannelName, MeetingChannel>> = {
  counter: MeetingChannel.MEETING_CHANNEL_COUNTER,
  telephone: MeetingChannel.MEETING_CHANNEL_TELEPHONE,
  video: MeetingChannel.MEETING_CHANNEL_VIDEO,
  'home-visit': MeetingChannel.MEETING_CHANNEL_HOME_VISIT,
}
export const accessibilityOf: Readonly<Record<AccessibilityName, Accessibility>> = {
  wheelchair: Accessibility.ACCESSIBILITY_WHEELCHAIR,
  'hearing-loop': Accessibility.ACCESSIBILITY_HEARING_LOOP,
  'tactile-path': Accessibility.ACCESSIBILITY_TACTILE_PATH,
  'quiet-room': Accessibility.ACCESSIBILITY_QUIET_ROOM,
}
const bookerOf: Readonly<Record<z.infer<typeof booker>, Booker>> = {
  anybody: Booker.BOOKER_ANYBODY,
  person: Booker.BOOKER_PERSON,
  agent: Booker.BOOKER_AGENT,
}

export const channelView = (channel: MeetingChannel): ChannelView => nameIn(meetingChannelOf, channel)
export const accessibilityView = (all: readonly Accessibility[]): (AccessibilityName | 'unknown')[] =>
  all.map((one) => nameIn(accessibilityOf, one))

/** A channel that may be left open, as the contract takes it. */
export const channelAsked = (channel: ChannelName | undefined): MeetingChannel =>
  channel === undefined ? MeetingChannel.MEETING_CHANNEL_UNSPECIFIED : meetingChannelOf[channel]

export const placeView = ({ title, accessibility: all, ...rest }: Place): object => ({
  ...rest,
  title: textOf(title),
  accessibility: accessibilityView(all),
})

export const placeOf = ({ accessibility: all, ...rest }: PlaceView): Place => ({
  ...rest,
  accessibility: all.map((one) => accessibilityOf[one]),
})

export const resourceView = ({ resourceId, placeId, kind }: Resource): object => {
  if (kind?.$case === 'room') {
    const { title, lanes, accessibility: all } = kind.value
    return { resourceId, placeId, kind: 'room', title: textOf(title), lanes, accessibility: accessibilityView(all) }
  }
  return { resourceId, placeId, kind: 'practitioner', ...kind?.value }
}

export const resourceOf = (given: z.infer<typeof resource>): Resource => {
  const { resourceId, placeId } = given
  if (given.kind === 'room') {
    const { title, lanes, accessibility: all } = given
    const value = { title, lanes, accessibility: all.map((one) => accessibilityOf[one]) }
    return { resourceId, placeId, kind: { $case: 'room', value } }
  }
  const { agentId, firstName, lastName, capacity, isUnnamed, languages } = given
  const value = { agentId, firstName, lastName, capacity, isUnnamed, languages }
  return { resourceId, placeId, kind: { $case: 'practitioner', value } }
}

export const serviceTypeView = (one: ServiceType): ServiceTypeView => ({
  ...one,
  title: textOf(one.title),
  summary: textOf(one.summary),
  channels: one.channels.map(channelView),
  booker: nameIn(bookerOf, one.booker),
  evidence: one.evidence.map(({ title, evidenceType, fields }) => ({ title: textOf(title), evidenceType, fields })),
  toBring: one.toBring.map(textOf),
})

export const serviceTypeOf = ({ channels, booker: who, ...rest }: z.infer<typeof serviceType>): ServiceType => ({
  ...rest,
  channels: channels.map((one) => meetingChannelOf[one]),
  booker: bookerOf[who],
})

export const scheduleView = ({ channels, ...rest }: Schedule): object => ({
  ...rest,
  channels: channels.map(channelView),
})

export const scheduleOf = ({ channels, ...rest }: z.infer<typeof schedule>): Schedule => ({
  ...rest,
  channels: channels.map((one) => meetingChannelOf[one]),
})

export const closureView = ({ of, title, ...rest }: Closure): object => ({
  ...rest,
  title: textOf(title),
  of: of?.$case === 'resourceId' ? { resourceId: of.value } : { placeId: of?.value ?? '' },
})

export const closureOf = ({ of, ...rest }: z.infer<typeof closure>): Closure => ({
  ...rest,
  of: 'placeId' in of ? { $case: 'placeId', value: of.placeId } : { $case: 'resourceId', value: of.resourceId },
})

/** A place as anybody may know it. */
export const offeredPlaceView = (one: Place): OfferedPlaceView => {
  // The contract leaves these out of a confidential one; a member that forgot to would tell them here.
  const of = <T>(value: T): T | null => (one.isConfidential || value === '' ? null : value)
  return {
    placeId: one.placeId,
    title: textOf(one.title),
    address: of(one.address),
    postCode: of(one.postCode),
    city: of(one.city),
    commune: of(one.commune),
    latitude: of(one.latitude),
    longitude: of(one.longitude),
    zone: one.zone,
    sharedPlace: of(one.sharedPlace),
    accessibility: accessibilityView(one.accessibility),
    telephone: one.telephone || null,
    website: one.website || null,
    isConfidential: one.isConfidential,
  }
}

/** What is offered, without an entry that carries no service type. */
export const offeredView = ({ serviceType: one, places }: OfferedServiceType): OfferedView[] =>
  one ? [{ serviceType: serviceTypeView(one), places: places.map(offeredPlaceView) }] : []
