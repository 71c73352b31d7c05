import type { SlotChosen } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { type ChannelName, meetingChannelOf } from '../rest/calendar-views.js'
import type { SlotView } from '../rest/slot-views.js'

/** A slot that a button of a page stands for. Its place and company are for showing only: what is booked, the service says. */
export interface ChosenSlot {
  readonly scheduleId: string
  readonly startsAtMs: number
  readonly channel: ChannelName
  readonly placeId: string
  readonly company: 'alone' | 'group'
}

/** A slot by what makes it one: who is there, and when. */
type SlotNamed = Pick<ChosenSlot, 'scheduleId' | 'startsAtMs'>

export const isSameSlot = (one: SlotNamed, other: SlotNamed): boolean =>
  one.scheduleId === other.scheduleId && one.startsAtMs === other.startsAtMs

const shape = /^([a-z0-9-]{1,64})~([0-9]{1,15})~(counter|telephone|video|home-visit)~([a-z0-9-]{1,64})(~group)?$/

export const slotValue = ({ scheduleId, startsAtMs, channel, placeId, company }: ChosenSlot): string =>
  `${scheduleId}~${startsAtMs}~${channel}~${placeId}${company === 'group' ? '~group' : ''}`

/** Error: REQUEST_INVALID for what no button of ours stands for. */
export const chosenSlotIn = (value: string): ChosenSlot => {
  const [, scheduleId = '', startsAt = '', channel = '', placeId = '', group] = shape.exec(value) ?? []
  if (scheduleId === '') throw new MeshError('REQUEST_INVALID', { facts: { field: 'slot' } })
  return {
    scheduleId,
    startsAtMs: Number(startsAt),
    channel: channel as ChannelName,
    placeId,
    company: group ? 'group' : 'alone',
  }
}

/** The slot as it is chosen: by the way that was asked for, else on site where that is one, else the first. */
export const chosenOf = (slot: SlotView, wanted: ChannelName | undefined): ChosenSlot | undefined => {
  const channels = slot.channels.filter((one) => one !== 'unknown')
  const channel = [wanted, 'counter' as const].find((one) => one !== undefined && channels.includes(one)) ?? channels[0]
  return (
    channel && {
      scheduleId: slot.scheduleId,
      startsAtMs: Date.parse(slot.startsAt),
      channel,
      placeId: slot.placeId,
      company: slot.seats > 1 ? 'group' : 'alone',
    }
  )
}

/** The same as the contract takes it. */
export const slotChosenAs = (serviceTypeId: string, chosen: ChosenSlot, units: number): SlotChosen => ({
  scheduleId: chosen.scheduleId,
  serviceTypeId,
  startsAtMs: chosen.startsAtMs,
  units,
  channel: meetingChannelOf[chosen.channel],
})
