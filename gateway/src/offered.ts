import type { Deadline } from '@unefois/chassis/deadline'
import type { GatewayContext } from './context.js'
import { type OfferedView, offeredView } from './rest/calendar-views.js'

/**
 * For what one can come, and where, of all pages; an id narrows it to one. A service type that goes on over pages is one here.
 * Errors: SERVICE_TYPE_UNKNOWN, UNAVAILABLE where the agency runs no appointments service, DEADLINE_EXCEEDED.
 */
export const readOffered = async (
  { neighbours }: Pick<GatewayContext, 'neighbours'>,
  serviceTypeId: string,
  deadline: Deadline,
): Promise<OfferedView[]> => {
  const found = new Map<string, OfferedView>()
  let pageToken = ''
  do {
    const page = await neighbours.calendar.listServiceTypes({ serviceTypeId, pageSize: 0, pageToken }, { deadline })
    for (const { serviceType, places } of page.serviceTypes.flatMap(offeredView)) {
      const before = found.get(serviceType.serviceTypeId)?.places ?? []
      found.set(serviceType.serviceTypeId, { serviceType, places: [...before, ...places] })
    }
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  return [...found.values()]
}
