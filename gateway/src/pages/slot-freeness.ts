import { type Reason, toMeshError } from '@unefois/proto/reasons'
import type { OfferedView } from '../rest/calendar-views.js'
import { meetingChannelOf } from '../rest/calendar-views.js'
import { openCall, slotIsGone } from './booking.js'
import { localDayOf, localFormOf } from './local-times.js'
import type { PageDoor } from './page-door.js'
import { type ChosenSlot, isSameSlot } from './slot-choice.js'
import { placeNamed } from './slot-list.js'
import type { Visit } from './visit.js'

const slotsPerPage = 1000

/** Refusals of a search by which a slot that somebody once saw cannot be free. */
const isNone = new Set<Reason>([...slotIsGone, 'PLACE_UNKNOWN', 'RANGE_INVERTED', 'RANGE_TOO_LONG'])

/** How a slot is wanted. */
export interface SlotWanted {
  readonly offered: OfferedView
  readonly chosen: ChosenSlot
  readonly units: number
  readonly isAccompanied: boolean
}

/** Whether a slot is free now for anybody; what the asker holds is not. */
export const isSlotFree = async (
  { context }: PageDoor,
  visit: Visit,
  { offered, chosen, units, isAccompanied }: SlotWanted,
): Promise<boolean> => {
  const place = placeNamed(offered, chosen.placeId)
  if (!place) return false
  const day = localDayOf(localFormOf(chosen.startsAtMs, place.zone))
  try {
    const { slots } = await context.neighbours.slots.searchSlots(
      {
        serviceTypeId: offered.serviceType.serviceTypeId,
        placeIds: [place.placeId],
        near: undefined,
        channel: meetingChannelOf[chosen.channel],
        accessibility: [],
        language: '',
        fromDay: day,
        toDay: day,
        units,
        isAccompanied,
        pageSize: slotsPerPage,
        pageToken: '',
        allOfPeriod: true,
      },
      openCall(visit),
    )
    return slots.some((one) => isSameSlot(one, chosen))
  } catch (thrown) {
    if (isNone.has(toMeshError(thrown).reason)) return false
    throw thrown
  }
}
