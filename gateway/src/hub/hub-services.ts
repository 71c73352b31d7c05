import type { Deadline } from '@unefois/chassis/deadline'
import type { GatewayContext } from '../context.js'
import { readOffered } from '../offered.js'
import type { OfferedView } from '../rest/calendar-views.js'

/** What the hub may ask for. */
export const hubReasons = ['CNI', 'PASSPORT', 'CNI-PASSPORT'] as const
export type HubReason = (typeof hubReasons)[number]

/** The service types that the hub hears of, with the places that it may show: a confidential one is in no search. */
export const hubServices = async (
  context: Pick<GatewayContext, 'neighbours'>,
  deadline: Deadline,
): Promise<OfferedView[]> => {
  const offered = await readOffered(context, '', deadline)
  return offered
    .filter(({ serviceType }) => serviceType.hubReasons.length > 0 && !serviceType.isUrgent)
    .map(({ serviceType, places }) => ({
      serviceType,
      places: places.filter(({ isConfidential }) => !isConfidential),
    }))
}
