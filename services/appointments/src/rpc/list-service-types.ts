import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ListServiceTypesRequest,
  ListServiceTypesResponse,
  OfferedServiceType,
  ServiceType,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AppointmentsContext } from '../context.js'
import type { Calendar } from '../domain/calendar.js'
import { placeShown } from '../domain/place-shown.js'
import { calendarId } from './calendar-fields.js'

const offeredOf = ({ offering }: Calendar, serviceType: ServiceType): OfferedServiceType => {
  const places = new Map((offering.get(serviceType.serviceTypeId) ?? []).map(({ place }) => [place.placeId, place]))
  return { serviceType, places: [...places.values()].map(placeShown) }
}

/** Error: SERVICE_TYPE_UNKNOWN, also for a retired one. */
export const listServiceTypes = ({
  book,
}: Pick<AppointmentsContext, 'book'>): PlainRpc<ListServiceTypesRequest, ListServiceTypesResponse> => ({
  request: z.object({ serviceTypeId: z.union([calendarId, z.literal('')]) }),
  handle: async ({ serviceTypeId }) => {
    const calendar = await book.current()
    const standing = [...calendar.serviceTypes.values()].filter(({ isRetired }) => !isRetired)
    const wanted = standing.filter((type) => serviceTypeId === '' || type.serviceTypeId === serviceTypeId)
    if (serviceTypeId !== '' && wanted.length === 0) throw new MeshError('SERVICE_TYPE_UNKNOWN')
    return { serviceTypes: wanted.map((type) => offeredOf(calendar, type)) }
  },
})
